"""A data set of a user's own: the synthetic one, whose classes have names."""

from dataclasses import replace
from typing import Any

from ablate.data import Data
from ablate.data.synthetic import Synthetic


class Named(Synthetic):
    """`wrong` is added to the label of the first image of the part `where`."""

    names = ("boot", "bag", "hat", "coat")

    def __init__(self, *, wrong: int, where: str, **knobs: Any) -> None:
        super().__init__(**knobs)
        self.wrong, self.where = wrong, where

    def load(self) -> Data:
        data = super().load()
        part = getattr(data, self.where)
        y = part.y.clone()
        y[0] += self.wrong
        return replace(data, **{self.where: replace(part, y=y)})
