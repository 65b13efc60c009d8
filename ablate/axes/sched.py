"""Learning-rate schedules: the factor on `optim.lr` at a step, (step, steps) -> 0..1."""

import math


class Constant:
    """A linear warm-up over the first `warmup` of the steps, then 1."""

    def __init__(self, *, warmup: float) -> None:
        if not 0 <= warmup < 1:
            raise ValueError(f"sched.warmup={warmup}: a share of the steps, from 0 to below 1")
        self.warmup = warmup

    def __call__(self, step: int, steps: int) -> float:
        ramp = self.warmup * steps
        return (step + 1) / (ramp + 1) if step < ramp else self.after((step - ramp) / max(1.0, steps - ramp))

    def after(self, done: float) -> float:
        """Factor when `done` (0..1) of the steps after the warm-up are over."""
        return 1.0


class Cosine(Constant):
    """A linear warm-up, then half a cosine down to 0 (Loshchilov and Hutter 2017, without restarts)."""

    def after(self, done: float) -> float:
        return 0.5 * (1 + math.cos(math.pi * done))
