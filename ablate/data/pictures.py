"""Pictures of a user's own as a data set: facts, parts, in memory or from disk."""

from functools import cached_property
from typing import Literal, cast

import numpy as np
import torch

from ablate.data import Data, Part, pixels
from ablate.data.fetch import on_stderr
from ablate.data.listing import Listing, broken
from ablate.data.rows import Rows, rows
from ablate.data.stream import Streamed

GB = 1e9
_latest: dict[tuple, Data] = {}  # what this process has loaded last: a sweep loads the same images for every run


class Pictures:
    """What choices of `data` with image files have in common: they say how these are listed.

    A run is known by `content`, the pictures themselves, not by where they lie. Images of up to
    `memory` GB in all are held in memory, on the device; more stay on disk, and `workers` threads bring them.
    """

    def __init__(
        self,
        *,
        root: str | None,
        val: float,
        test: float,
        size: int | None,
        fit: Literal["crop", "stretch"],
        broken: Literal["refuse", "skip"],
        memory: float,
        workers: int,
    ) -> None:
        for name, value, least in (("size", size, 1), ("memory", memory, 0), ("workers", workers, 0)):
            if value is not None and value < least:
                raise ValueError(f"data.{name}={value:g}: too small; {least} or more works")
        self.root, self.val, self.test, self.size, self.fit = root, val, test, size, fit
        self.broken, self.memory, self.workers = broken, memory, workers

    def listed(self) -> Listing:
        """All pictures. Raises ValueError, one line, where there is no data set."""
        raise NotImplementedError

    @cached_property
    def listing(self) -> Listing:
        return self.listed()

    @property
    def content(self) -> str:
        return self.listing.content

    @property
    def names(self) -> tuple[str, ...]:
        return self.listing.names

    @property
    def classes(self) -> int:
        return len(self.names)

    @property
    def image(self) -> tuple[int, int, int]:
        """Gray if all pictures are; of `size`, or of their own if that is one."""
        sizes = self.listing.sizes
        if not sizes:
            raise ValueError(broken(self.listing, range(len(self.listing.pictures))))
        if self.size is None and len(sizes) > 1:
            small, large = min(sizes), max(sizes)
            raise ValueError(
                f"{self.listing.where} has images of {len(sizes)} sizes, from {small[0]}x{small[1]} to "
                f"{large[0]}x{large[1]}; data.size=64 makes all 64x64"
            )
        height, width = next(iter(sizes)) if self.size is None else (self.size, self.size)
        return (1 if self.listing.gray else 3), height, width

    @cached_property
    def pixels(self) -> pixels.Pixels:
        self.split(np.ones(len(self.listing.pictures), dtype=bool))  # refuses what decoding could not mend
        found = pixels.kept(self.listing, self.image, self.size, self.fit)
        if found.broken:
            line = broken(self.listing, found.broken)
            if self.broken == "refuse":
                raise ValueError(f"{line}; remove what is no image, or leave it out with data.broken=skip")
            on_stderr(f"{line}; left out")
        return found

    @cached_property
    def rows(self) -> Rows:
        usable = np.ones(len(self.listing.pictures), dtype=bool)
        usable[list(self.pixels.broken)] = False
        return self.split(usable)

    def split(self, usable: np.ndarray) -> Rows:
        return rows(self.listing, usable, self.val, self.test)

    @cached_property
    def moments(self) -> tuple[list[float], list[float]]:
        """Mean and sd over the training part, of each channel and, of three, of their gray."""
        mean, square = self.pixels.moments[self.rows["train"]].mean(0)
        sd = np.sqrt(np.maximum(square - mean**2, 1e-12))  # of one flat colour: nothing to divide by
        return mean.tolist(), sd.tolist()

    @property
    def mean(self) -> float | tuple[float, ...]:
        return self.of_channels(self.moments[0])

    @property
    def std(self) -> float | tuple[float, ...]:
        return self.of_channels(self.moments[1])

    @property
    def gray(self) -> tuple[float, float]:
        return self.moments[0][-1], self.moments[1][-1]

    def of_channels(self, values: list[float]) -> float | tuple[float, ...]:
        return values[0] if self.image[0] == 1 else tuple(values[:3])

    def load(self) -> Data:
        """The pictures on the CPU, or streamed; later calls in a process give the same ones."""
        key = (self.content, self.image, self.fit, self.val, self.test, self.broken, self.memory, self.workers)
        if key not in _latest:
            made = Data(*(self.part(self.rows[name]) for name in ("train", "val", "test")))
            _latest.clear()
            _latest[key] = made
        return _latest[key]

    def part(self, which: np.ndarray) -> Part:
        y = torch.tensor([self.listing.pictures[i].label for i in which])
        stored = Streamed(self.pixels.file, self.image, which, self.workers)
        if len(self.listing.pictures) * int(np.prod(self.image)) > self.memory * GB:
            return Part(cast(torch.Tensor, stored), y)
        x = torch.empty(stored.shape, dtype=torch.uint8)
        for out, images in zip(x.split(1000), stored.split(1000), strict=True):
            out.copy_(images)
        return Part(x, y)
