"""The cores of this machine, shared out among the studies that train on it at the same time.

A seat is a lock on a file; the system gives it back with the process that holds it, however that ends.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ablate.study.launch import machine


class Seats:
    """The cores that one worker holds; none, where all are taken."""

    def __init__(self, locks: list[FileLock]) -> None:
        self.locks = locks

    def leave(self) -> None:
        for lock in self.locks:
            lock.release()


def folder() -> Path:
    return Path(tempfile.gettempdir()) / f"ablate-cores-{os.getuid() if hasattr(os, 'getuid') else 'all'}"


def take(threads: int) -> Seats | None:
    """Seats for a worker of so many threads; None if there are not enough free ones."""
    place = folder()
    locks: list[FileLock] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for core in range(machine.cores()):
            lock = FileLock(place / str(core))
            with suppress(Timeout):
                lock.acquire(blocking=False)
                locks.append(lock)
            if len(locks) == threads:
                return Seats(locks)
    except (OSError, NotImplementedError):  # no locks here: whoever comes trains
        return Seats(locks)
    Seats(locks).leave()
    return None
