"""Ctrl-C that no library can lose.

A KeyboardInterrupt comes at any line. If it comes while OmegaConf restores its flags, OmegaConf raises an error of
its own in its place. In places where Python ignores errors it is lost altogether.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_heard: list[int] = []  # the signals of Ctrl-C so far


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _heard.append(number)
    raise KeyboardInterrupt


@contextmanager
def remembered() -> Iterator[None]:
    """Inside, Ctrl-C is remembered, and an error after it is a KeyboardInterrupt.

    It may stand in another one. A handler that somebody else has set stays. Outside the main thread, which alone
    can have one, nothing is done.
    """
    is_ours = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if is_ours else None
    if before not in (signal.default_int_handler, interrupt):
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except Exception as e:
        if _heard:
            raise KeyboardInterrupt from e
        raise
    finally:
        signal.signal(signal.SIGINT, before)
        if before is not interrupt:
            _heard.clear()


def look() -> None:
    """Raises KeyboardInterrupt if there was a Ctrl-C that nobody has seen."""
    if _heard:
        raise KeyboardInterrupt
