"""A schedule that notes when the first step is done: `sched._target_=first.Noted`, for scripts/bench.py first."""

import time
from pathlib import Path

from ablate.axes.sched import Cosine

FILE = "first"  # in the folder of the command


class Noted(Cosine):
    def __call__(self, step: int, steps: int) -> float:
        if step == 1 and not Path(FILE).exists():
            Path(FILE).write_text(str(time.time()), encoding="utf-8")
        return super().__call__(step, steps)
