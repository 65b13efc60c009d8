"""Folders that cannot be written, users without a home: one line names the folder and the key that moves it."""

import os

import pytest
from stranger import open_to_all, run_as_stranger
from tiny import HERE, TINY


@pytest.fixture
def locked(tmp_path):
    """A folder that may be read and not written."""
    place = open_to_all(tmp_path) / "locked"
    place.mkdir()
    place.chmod(0o555)
    yield place
    place.chmod(0o755)


LINES = {
    ("ablate.train", *TINY, "tracker=none", HERE): (
        "runs/single cannot be written (Permission denied); hydra.sweep.dir=FOLDER puts the runs elsewhere"
    ),
    ("ablate.cost", "--no-measure", *TINY): (
        "cost/single cannot be written (Permission denied); --out FOLDER puts the files elsewhere"
    ),
}


@pytest.mark.parametrize(
    ("words", "line"), LINES.items(), ids=lambda x: " ".join(x[:2]) if isinstance(x, tuple) else ""
)
@pytest.mark.slow
def test_a_folder_that_cannot_be_written(locked, words, line):
    done = run_as_stranger(locked, "-m", *words)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (1, [f"ablate: {line}"]), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(locked.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="a user who is in the passwd file has a home")
@pytest.mark.slow
def test_digits_for_a_user_without_a_home(tmp_path):
    open_to_all(tmp_path).chmod(0o777)
    choose = "data.root=DIR or ABLATE_DATA=DIR chooses another folder"
    done = run_as_stranger(tmp_path, "-m", "ablate.train", "epochs=1", "tracker=none")
    line = f"ablate: mnist: the folder for data lies in a home folder, and there is none here; {choose}\n"
    assert (done.returncode, done.stderr) == (1, line)
