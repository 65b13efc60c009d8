"""Data sets as tensors, whole and in memory.

A choice of `data` is an object with facts before anything is loaded, `image` (C, Y, X), `classes`, `mean` and
`std` of the pixels in 0..1, and `load() -> Data`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # fetching files needs no torch
    import torch
    from torch import Tensor

__all__ = [
    "Data",
    "Part",
    "answers",
    "cifar",
    "emnist",
    "fashion_mnist",
    "fetch",
    "kmnist",
    "labels",
    "limit",
    "mnist",
    "stream",
    "svhn",
]


@dataclass(frozen=True)
class Part:
    """Images and their classes: x (n, C, Y, X) uint8, y (n,) int64.

    Where images are too many for memory, a stream.Streamed stands in for the tensor x.
    """

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def to(self, device: torch.device | str) -> Part:
        """The same images on `device`; tensors that are there already are not copied."""
        return Part(self.x.to(device), self.y.to(device))


@dataclass(frozen=True)
class Data:
    """Three parts that share no image. `test` is used once, at the end of a run, and selects nothing.

    Loaders may hand the same tensors to every run of a process: read them, do not write into them.
    """

    train: Part
    val: Part
    test: Part

    def to(self, device: torch.device | str) -> Data:
        """All three parts on `device`."""
        return Data(self.train.to(device), self.val.to(device), self.test.to(device))
