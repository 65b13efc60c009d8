"""Several processes and one folder: killed in the middle, and two at once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from data_doubles import CONTENTS

HERE = Path(__file__).parent
FETCH = """
import sys
from pathlib import Path
from data_doubles import FILES
from ablate.data.fetch import Published, fetch
from ablate.data.mirror import Mirror
mirror = Mirror(url=sys.argv[1], timeout=30, limit=60)
fetch(Published("digits", "Digits", FILES, lambda: [mirror]), Path(sys.argv[2]))
"""
KILLED_WRITING = """
import os, signal
from pathlib import Path
def half(path, content):
    with path.open("wb") as stream:
        stream.write(content[:len(content) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
Path.write_bytes = half
"""


@pytest.fixture
def start(web, tmp_path):
    """Start a process that fetches from the mirror into tmp_path/digits; all are ended with the test."""
    children = []

    def start(before=""):
        child = subprocess.Popen(
            [sys.executable, "-c", before + FETCH, web.url, str(tmp_path / "digits")],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])},
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stderr.close()


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited 20 s in vain"
        time.sleep(0.01)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".fetch.lock")


def test_killed_in_the_middle_of_a_download_the_next_fetch_goes_on(web, tmp_path, start):
    web.hung.add("labels.gz")
    child = start()
    wait_for(lambda: "labels.gz" in web.half_sent)
    child.kill()
    child.communicate()
    assert names(tmp_path / "digits") == ["images"]

    web.hung.clear()
    web.asked.clear()
    _, told = (again := start()).communicate(timeout=30)
    assert again.returncode == 0
    assert web.asked == ["labels.gz"]
    assert told.startswith(f"Digits: labels is missing in {tmp_path / 'digits'}; trying {web.url}")
    assert {n: (tmp_path / "digits" / n).read_bytes() for n in names(tmp_path / "digits")} == CONTENTS


def test_killed_in_the_middle_of_a_file_the_half_is_not_believed(web, tmp_path, start):
    assert start(KILLED_WRITING).wait(timeout=30) == -9
    assert names(tmp_path / "digits") == ["images.part"]

    _, told = (again := start()).communicate(timeout=30)
    assert again.returncode == 0
    assert told.startswith("Digits: none of the 2 files")
    assert {n: (tmp_path / "digits" / n).read_bytes() for n in names(tmp_path / "digits")} == CONTENTS


def test_of_two_at_once_one_fetches_and_the_other_waits(web, tmp_path, start):
    web.hung.add("images.gz")
    first = start()
    wait_for(lambda: "images.gz" in web.half_sent)
    second = start()
    root = tmp_path / "digits"
    waits = f"Digits: another process is fetching into {root}; waiting (time-out 900 s)\n"
    assert second.stderr.readline() == waits
    web.release.set()
    assert second.communicate(timeout=30)[1] == f"Digits: 2 files verified in {root}\n"
    assert first.communicate(timeout=30)[1].endswith(f"Digits: 2 files verified in {root}\n")
    assert (first.returncode, second.returncode) == (0, 0)
    assert web.asked == ["images.gz", "labels.gz"], "fetched twice"
