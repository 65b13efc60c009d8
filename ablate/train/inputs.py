"""From stored pixels to what a model sees: floats, augmented, sized, coloured, normalised."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

Augment = Callable[[Tensor, Generator], Tensor]
Values = float | Sequence[float]  # one for all channels, or one for each


class Inputs:
    """(B, C, Y, X) uint8 -> (B, `channels`, `size`, `size`) float, zero mean and unit sd over the data set.

    `mean` and `std` are those of what the model sees, for all channels alike or for each.
    """

    def __init__(
        self,
        *,
        image: tuple[int, int, int],
        mean: Values,
        std: Values,
        color: Callable[[Tensor], Tensor],
        channels: int,
        size: int | None,
        fit: str,
        augment: Augment,
    ) -> None:
        _, height, width = image
        if size is not None and fit == "pad" and size < max(height, width):
            raise ValueError(
                f"image.size={size} cannot hold {height}x{width} images by padding; image.fit=resize can"
            )
        self.shape = (channels, size or height, size or width)
        self.mean, self.std, self.color, self.fit, self.augment = column(mean), column(std), color, fit, augment

    def __call__(self, stored: Tensor, generator: Generator | None = None) -> Tensor:
        """Augments only when given the generator of the augmentation."""
        x = stored.float() / 255
        if generator is not None:
            x = self.augment(x, generator)
        self.mean, self.std = moved(self.mean, x), moved(self.std, x)
        return (self.color(self.resized(x)) - self.mean) / self.std

    def resized(self, x: Tensor) -> Tensor:
        down, across = self.shape[1] - x.shape[2], self.shape[2] - x.shape[3]
        if not (down or across):
            return x
        if self.fit == "pad":
            return F.pad(x, [across // 2, across - across // 2, down // 2, down - down // 2])
        return F.interpolate(x, self.shape[1:], mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)


def statistics(data: Any, color: Any) -> tuple[Values, Values]:
    """Mean and sd of what `color` makes of the images: for each channel where the data set has them for each.

    For one channel made of three the data set may know both, as `data.gray`. Where it does not, the mean is exact
    and the sd that of channels that rise and fall together, as those of photographs nearly do.
    """
    if isinstance(data.mean, float):
        return data.mean, data.std
    if color.channels == 1 and getattr(data, "gray", None):
        return data.gray
    mean, std = (color(column(values)[None]).flatten().tolist() for values in (data.mean, data.std))
    return mean, std


def column(values: Values) -> Any:
    """(C,) -> (C, 1, 1), to be taken off images; one number for all channels stays one."""
    return values if isinstance(values, float) else torch.tensor(values).view(-1, 1, 1)


def moved(values: Any, x: Tensor) -> Any:
    return values.to(x.device) if isinstance(values, Tensor) else values


def on_cpu(seed: int, purpose: str) -> Generator:
    """The generator of one purpose (order, augmentation): its own stream from the seed."""
    return torch.Generator().manual_seed(zlib.crc32(f"{seed}/{purpose}".encode()))
