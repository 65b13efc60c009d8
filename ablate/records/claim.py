"""Which process works on a folder: at most one at a time, on all hosts that see it.

A claim is a file named `claim` that its process keeps locked. The kernel frees the lock when the process ends,
however that happens. Some file systems do not show locks to other hosts. So the process also touches the file now
and then, and a claim that is too old is no claim any more.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import Timeout

from ablate.records.damage import make_way
from ablate.records.lock import is_stand_in, lock_for

BEAT_S = 15.0
STALE_S = 120.0  # without a touch for so long, a process on another host counts as gone


@contextmanager
def claimed(folder: Path, *, wait: float = 0) -> Iterator[bool]:
    """Claims the folder and yields True; False if another process keeps it for `wait` seconds."""
    make_way(folder, folder=True)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "claim"
    make_way(file)
    lock = lock_for(file, poll_s=0.02)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        yield False
        return
    over = threading.Event()
    ours = not works_elsewhere(file) and signed(file, alone=is_stand_in(lock, file))
    try:
        if ours:
            threading.Thread(target=beat, args=(file, over), daemon=True).start()
        yield ours
    finally:
        over.set()
        if ours:
            file.unlink(missing_ok=True)  # while it is locked: a process that waits for it then makes a new one
        lock.release()


def signed(file: Path, *, alone: bool) -> bool:
    """Writes who we are into a claim. With `alone` False if another host was quicker, which no lock then shows."""
    parent = int(os.environ.get("ABLATE_PARENT") or os.getppid())
    me = json.dumps(asdict(Owner(host=socket.gethostname(), pid=os.getpid(), parent=parent)))
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if not alone:
            file.write_text(me, encoding="utf-8")
            return True
        file.unlink(missing_ok=True)  # of somebody who is gone
        draft.write_text(me, encoding="utf-8")
        os.link(draft, file)  # at once and whole, or not at all
    except FileExistsError:
        return False
    except OSError:  # a full disk, or no links: the lock holds all the same
        pass
    finally:
        if alone:
            draft.unlink(missing_ok=True)
    return True


def beat(file: Path, over: threading.Event) -> None:
    while not over.wait(BEAT_S):
        with suppress(OSError):
            os.utime(file)


@dataclass(frozen=True)
class Owner:
    """A process that has a folder. All fields are null until it has written its claim."""

    host: str | None = None
    pid: int | None = None
    parent: int | None = None


def owner(folder: Path) -> Owner | None:
    """The process that has the folder; None if there is none, or if it has ended."""
    file = folder / "claim"
    if not file.is_file():
        return None
    lock = lock_for(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return read(file)
    alive = works_elsewhere(file)
    found = read(file) if alive else None
    if not alive:
        file.unlink(missing_ok=True)
    lock.release()
    return found


def works_elsewhere(file: Path) -> bool:
    """Whether a claim whose lock we hold is another host's, which may not see our lock, and was touched lately."""
    if read(file).host in (None, socket.gethostname()):
        return False
    with suppress(OSError):
        return clock(file.parent) - file.stat().st_mtime < STALE_S
    return False


def clock(folder: Path) -> float:
    """The time by the clock that stamps the files of a folder, which every host that sees it shares."""
    draft = folder / f".clock.{os.getpid()}"
    try:
        draft.touch()
        return draft.stat().st_mtime
    except OSError:  # a full disk, or a folder that is read only
        return time.time()
    finally:
        with suppress(OSError):
            draft.unlink()


def read(file: Path) -> Owner:
    """What a claim says; it may still be empty."""
    with suppress(OSError, ValueError, TypeError):
        return Owner(**json.loads(file.read_text(encoding="utf-8")))
    return Owner()
