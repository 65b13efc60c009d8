"""A command leaves torch to the processes that it starts; one whose runs are all finished starts none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import TINY

HOME = Path(__file__).parents[2]
LOOK = """
import runpy, sys
try:
    runpy.run_module("ablate.train", run_name="__main__", alter_sys=True)
finally:
    from multiprocessing import forkserver
    print("torch" in sys.modules, forkserver._forkserver._forkserver_pid is not None)
"""


def command(folder: Path, *words: str) -> str:
    given = [sys.executable, "-c", LOOK, "-m", "pos=none,learned", "tracker=none", *TINY, *words]
    env = os.environ | {"PYTHONPATH": str(HOME)}
    said = subprocess.run(given, cwd=folder, env=env, capture_output=True, text=True, timeout=240)
    assert said.returncode == 0, said.stderr
    return said.stdout


@pytest.mark.slow
def test_no_command_imports_torch_and_a_second_one_starts_no_server(tmp_path):
    assert command(tmp_path, "epochs=1").splitlines()[-1] == "False True"
    again = command(tmp_path, "epochs=1")
    assert "2 runs, 2 finished before" in again
    assert again.splitlines()[-1] == "False False"
