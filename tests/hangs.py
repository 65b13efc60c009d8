"""A test that stands still ends, with where each of its processes stood, and none of them is left."""

import faulthandler
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import pytest

LIMIT_S = 900  # the longest test was seen to take a fifth of it on two busy cores
AGAIN_S = 60  # then what the test does at its end hangs, too
DUMP_S = 0.5  # for one of its processes to say where it is, before the next one does


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Inside, what takes longer fails. POSIX, and the main thread."""
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def end(_: int, frame: FrameType | None) -> None:
    """Handler of SIGALRM."""
    faulthandler.dump_traceback(2)
    kill(below(os.getpid()))
    at = f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"
    pytest.fail(f"it hangs at {at}; stderr has the stacks of its processes")


def kill(pids: list[int]) -> None:
    """Kills processes, which first write their stacks where PYTHONFAULTHANDLER is set for them."""
    for number in (signal.SIGABRT, signal.SIGKILL):
        for pid in pids:
            with suppress(OSError):
                os.kill(pid, number)
                time.sleep(DUMP_S)


def below(pid: int) -> list[int]:
    """The processes that one has started, and those that they have; none where there is no /proc."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, file.read_text(encoding="utf-8").split()):
                found += [child, *below(child)]
    return found
