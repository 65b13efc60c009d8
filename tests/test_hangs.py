"""A test that stands still is ended, and says where."""

import subprocess
import sys

import hangs
import pytest


@pytest.mark.slow
def test_a_test_that_hangs_fails_with_the_stacks_of_its_processes_and_leaves_none(capfd, monkeypatch):
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    code = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])"
    late = pytest.raises(pytest.fail.Exception, match=r"it hangs at .*py:")
    with late, hangs.ended_after(5), subprocess.Popen([sys.executable, "-c", code]) as outer:
        outer.wait()
    assert outer.returncode < 0
    said = capfd.readouterr().err
    assert "subprocess.py" in said
    assert said.count("Fatal Python error: Aborted") == 2, "the process, and the one that it waits for"
