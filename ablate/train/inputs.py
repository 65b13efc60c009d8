"""From stored pixels to what a model sees: floats, augmented, sized, coloured, normalised."""

import zlib
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

Augment = Callable[[Tensor, Generator], Tensor]


class Inputs:
    """(B, C, Y, X) uint8 -> (B, `channels`, `size`, `size`) float, zero mean and unit sd over the data set."""

    def __init__(
        self,
        *,
        image: tuple[int, int, int],
        mean: float,
        std: float,
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
        self.mean, self.std, self.color, self.fit, self.augment = mean, std, color, fit, augment

    def __call__(self, stored: Tensor, generator: Generator | None = None) -> Tensor:
        """Augments only when given the generator of the augmentation."""
        x = stored.float() / 255
        if generator is not None:
            x = self.augment(x, generator)
        return (self.color(self.resized(x)) - self.mean) / self.std

    def resized(self, x: Tensor) -> Tensor:
        down, across = self.shape[1] - x.shape[2], self.shape[2] - x.shape[3]
        if not (down or across):
            return x
        if self.fit == "pad":
            return F.pad(x, [across // 2, across - across // 2, down // 2, down - down // 2])
        return F.interpolate(x, self.shape[1:], mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)


def on_cpu(seed: int, purpose: str) -> Generator:
    """The generator of one purpose (order, augmentation): its own stream from the seed."""
    return torch.Generator().manual_seed(zlib.crc32(f"{seed}/{purpose}".encode()))
