"""File systems that refuse locks: a study is trained all the same, and nothing twice."""

import errno
import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import TINY

from ablate.records import lock, record
from ablate.records.claim import Owner, claimed, owner

REFUSALS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


def refuse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int) -> None:
    """`runs` lies on a file system without locks, the temporary folder does not."""
    flock = fcntl.flock

    def refusing(file, how):
        place = os.readlink(f"/proc/self/fd/{file if isinstance(file, int) else file.fileno()}")
        if place.startswith(str(tmp_path.resolve() / "runs")):
            raise OSError(number, os.strerror(number))
        return flock(file, how)

    monkeypatch.setattr(fcntl, "flock", refusing)
    monkeypatch.setattr(lock, "_known", {})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "runs").mkdir()
    # One file system in truth: of these two only the first is asked about here.
    monkeypatch.setattr(
        lock, "can_lock", lambda folder: "/runs" not in str(folder.resolve()) or lock.tried(folder)
    )


@pytest.mark.parametrize("number", REFUSALS, ids=lambda n: errno.errorcode[n])
@pytest.mark.slow
def test_a_study_where_nothing_can_be_locked(train, monkeypatch, tmp_path, number):
    refuse(monkeypatch, tmp_path, number)
    said = train("-m", "pos=none,learned")
    assert (said.code, said.err) == (0, ""), said
    assert [r.state for r in record.read_study(Path("runs/pos"))] == ["done", "done"]
    left = {file.name for file in Path("runs").rglob("*") if file.name.startswith((".", "claim"))}
    assert not left
    assert "2 finished before" in train("-m", "pos=none,learned").out


def test_without_locks_a_folder_still_has_one_owner(monkeypatch, tmp_path):
    refuse(monkeypatch, tmp_path, errno.ENOLCK)
    folder = tmp_path / "runs" / "one"
    with claimed(folder) as ours:
        assert ours
        assert owner(folder) == Owner(host=socket.gethostname(), pid=os.getpid(), parent=os.getppid())
        with claimed(folder) as again:
            assert not again
    assert owner(folder) is None
    assert list(folder.iterdir()) == []


def test_without_locks_another_hosts_claim_is_seen(monkeypatch, tmp_path):
    refuse(monkeypatch, tmp_path, errno.ENOLCK)
    folder = tmp_path / "runs" / "one"
    folder.mkdir()
    theirs = json.dumps({"host": "elsewhere", "pid": 1, "parent": 1})
    (folder / "claim").write_text(theirs)
    with claimed(folder) as ours:
        assert not ours
    assert (folder / "claim").read_text() == theirs
    os.utime(folder / "claim", (0, 0))
    with claimed(folder) as ours:
        assert ours


def test_without_locks_of_two_hosts_that_come_at_once_one_is_first(monkeypatch, tmp_path):
    refuse(monkeypatch, tmp_path, errno.ENOLCK)
    folder = tmp_path / "runs" / "one"
    folder.mkdir()
    link = os.link

    def slow(draft, file):
        file.write_text(json.dumps({"host": "elsewhere", "pid": 1, "parent": 1}))  # the other, just before us
        link(draft, file)

    monkeypatch.setattr(os, "link", slow)
    with claimed(folder) as ours:
        assert not ours
    assert [file.name for file in folder.iterdir()] == ["claim"]


def test_gpus_and_downloads_are_shared_out_without_locks_too(monkeypatch, tmp_path):
    from ablate.data.fetch import lock_for as of_downloads
    from ablate.train.seat import seat

    refuse(monkeypatch, tmp_path, errno.EOPNOTSUPP)
    folder = tmp_path / "runs" / "seats"
    first, _one = seat(["a", "b"], folder)
    second, _two = seat(["a", "b"], folder)
    assert (first, second) == (0, 1)
    with of_downloads(tmp_path / "runs" / ".fetch.lock"):
        assert os.listdir(tmp_path / "runs") == ["seats"]


def test_where_nothing_at_all_can_be_locked_one_line_says_so(train, monkeypatch):
    def refusing(file, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refusing)
    monkeypatch.setattr(lock, "_known", {})
    said = train("-m", "pos=none,learned")
    line = (
        "ablate: runs/pos cannot be written (No locks available); hydra.sweep.dir=FOLDER puts the runs elsewhere\n"
    )
    assert (said.code, said.err) == (1, line)


PATCH = """
import errno, fcntl, os
flock = fcntl.flock
def refusing(file, how):
    place = os.readlink(f"/proc/self/fd/{file if isinstance(file, int) else file.fileno()}")
    if "/runs" in place:
        raise OSError(errno.ENOLCK, "No locks available")
    return flock(file, how)
fcntl.flock = refusing
"""


@pytest.mark.slow
def test_two_commands_at_once_share_a_study_without_locks(tmp_path, monkeypatch):
    """Real processes; only the system call is another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patch").mkdir()
    (tmp_path / "patch" / "sitecustomize.py").write_text(PATCH)
    path = os.pathsep.join([str(tmp_path / "patch"), str(Path(__file__).parents[2])])
    env = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    words = [
        sys.executable,
        "-m",
        "ablate.train",
        *TINY,
        "tracker=none",
        "-m",
        "pool=cls,mean,max",
        "pos=none,learned",
    ]
    both = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in "12"
    ]
    said = [study.communicate(timeout=300)[0] for study in both]
    assert [study.returncode for study in both] == [0, 0], said
    found = record.read_study(Path("runs/pool-pos"))
    assert [(r.state, r.attempts) for r in found] == [("done", 1)] * 6
    trained = [sum("seed=0  test " in line for line in text.splitlines()) for text in said]
    assert sum(trained) == 6
