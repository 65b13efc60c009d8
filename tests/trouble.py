"""A user's own choices: an `aug` that makes trouble in a run's second epoch, until a file `mended` lies about,
and a `pos` that is another one under a new name."""

import os
import signal
import sys
from pathlib import Path

from torch import Generator, Tensor

from ablate.axes.color import Gray
from ablate.axes.pos import Learned

KINDS = ("calm", "raises", "exits", "diverges", "sigkill", "sigterm", "sigint", "sighup")
CUT = ("epochs=3", "batch=64")  # 8 steps an epoch


class Trouble:
    def __init__(self, *, kind: str) -> None:
        self.kind, self.calls = kind, 0

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        self.calls += 1
        if self.calls != 12 or self.kind == "calm" or Path("mended").exists():
            return x
        if self.kind == "raises":
            raise LookupError("no such thing\nand more lines")
        if self.kind == "exits":
            sys.exit(7)
        if self.kind == "diverges":
            return x * float("nan")
        os.kill(os.getpid(), getattr(signal, self.kind.upper()))
        return x


class Twin(Learned):
    """Learned positions by another name."""


class Stops(Gray):
    """Colours that ask the process to stop at their call number `at`: a batch of training, validation or test."""

    def __init__(self, *, at: int) -> None:
        self.at, self.calls = at, 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        if self.calls == self.at and not Path("mended").exists():
            os.kill(os.getpid(), signal.SIGTERM)
        return super().__call__(x)
