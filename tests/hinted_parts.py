"""Parts as people write them: with hints, without, and with hints that only a type checker can read."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from ablate.axes.aug import Shift
from ablate.axes.optim import SGD
from ablate.axes.pos import NoPos
from ablate.data.synthetic import Synthetic
from ablate.vit import ViT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elsewhere import Turn


class Bare(NoPos):
    def __init__(self, *, dim, prefix, grid, turn):
        super().__init__(dim=dim, prefix=prefix, grid=grid)

    @classmethod
    def quarter(cls, *, dim, prefix, grid, turn):
        return cls(dim=dim, prefix=prefix, grid=grid, turn=turn / 4)


class Checked(NoPos):
    """One hint is for a type checker only; the others count. `word` may be null, whatever its hint says."""

    def __init__(
        self,
        *,
        dim: int,
        prefix: int,
        grid: Any,
        turn: Turn | float,
        count: int,
        word: str = None,  # noqa: RUF013
        **more,
    ) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)


class Quoted(NoPos):
    """Hints that are no types at all."""

    def __init__(self, *, dim, prefix, grid, turn: "how far, in radians", level: Literal[1, 2] = 1) -> None:  # noqa: F722
        super().__init__(dim=dim, prefix=prefix, grid=grid)


Half = functools.partial(Checked, count=2)


def made(*, dim, prefix, grid, turn, table: Mapping[str, float] | None = None):
    return Bare(dim=dim, prefix=prefix, grid=grid, turn=turn)


class Quadrants(Synthetic):
    def __init__(self, *, train, shade):
        super().__init__(train=train, val=8, test=8, size=28, classes=4)


class Own(ViT):
    def __init__(self, *, scale, **rest):
        super().__init__(**rest)


def descent(model: nn.Module, *, lr, weight_decay, momentum, strength: Turn = 1.0) -> torch.optim.Optimizer:
    return SGD(model, lr=lr, weight_decay=weight_decay, momentum=momentum)


def ramp(step, steps, *, power):
    return ((step + 1) / steps) ** power


class Jump(Shift):
    """An augmentation whose constructor takes all that it needs from its file."""


class Factory(NoPos):
    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], turn: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
