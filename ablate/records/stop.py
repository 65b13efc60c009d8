"""Signals that ask a run to end: it finishes its step, is saved, and goes on another time."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# Ctrl-C, a scheduler's end of a job, Slurm's warning before its time limit (submitit's choice), a lost terminal.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR2", "SIGHUP") if hasattr(signal, name)]


class Stopped(KeyboardInterrupt):
    """Somebody asked this process to end. No Exception: whatever catches those must let it pass."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"stopped by {signal.Signals(number).name}")


@contextmanager
def heeding() -> Iterator[Callable[[], None]]:
    """Inside, signals are kept back until the yielded function is called, which raises Stopped for the first."""
    seen: list[int] = []

    def pause() -> None:
        if seen:
            raise Stopped(seen[0])

    with handling(lambda number, _: seen.append(number)):
        yield pause


@contextmanager
def handling(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Another handler for SIGNALS inside; only the main thread can have one, others go on without."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in SIGNALS if not is_ignored_hangup(number)]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def is_ignored_hangup(number: int) -> bool:
    """`nohup` asks to go on without a terminal."""
    return number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) == signal.SIG_IGN


def pass_on(number: int) -> None:
    """Tells whoever had the signal before us: on SIGUSR2 submitit puts its job back into Slurm's queue."""
    if number == getattr(signal, "SIGUSR2", None) and callable(signal.getsignal(number)):
        signal.raise_signal(number)
