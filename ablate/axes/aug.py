"""Augmentation of whole batches on their device, (B, C, Y, X) -> (B, C, Y, X), pixels in 0..1.

The random numbers come from a generator on the CPU, so that every device sees the same draws.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor


class Nothing:
    """The images as they are."""

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        return x


class Shift:
    """Each image moved by up to `pixels` whole pixels down and across; what comes in is black."""

    def __init__(self, *, pixels: int) -> None:
        if pixels < 0:
            raise ValueError(f"aug.pixels={pixels}: cannot be negative; 0 or more works")
        self.pixels = pixels

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        b, c, height, width = x.shape
        reach = 2 * self.pixels + 1
        dy, dx = torch.randint(reach, (2, b, 1), generator=generator).to(x.device, non_blocking=True)
        across = width + 2 * self.pixels  # of a padded image, whose pixels are counted row by row
        rows, columns = (torch.arange(side, device=x.device) for side in (height, width))
        pixel = (across * rows[:, None] + columns).flatten()
        index = pixel + across * dy + dx  # (B, Y * X)
        padded = F.pad(x, [self.pixels] * 4).flatten(2)
        return padded.gather(2, index[:, None].expand(-1, c, -1)).view(x.shape)


class Crop(Shift):
    """Each image moved as by Shift, and with `flip` one of two mirrored, left for right."""

    def __init__(self, *, pixels: int, flip: bool) -> None:
        super().__init__(pixels=pixels)
        self.flip = flip

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        moved = super().__call__(x, generator)
        if not self.flip:
            return moved
        mirrored = torch.rand(len(x), generator=generator).to(x.device, non_blocking=True) < 0.5
        return torch.where(mirrored[:, None, None, None], moved.flip(-1), moved)


class Mixup(Crop):
    """After Crop, each batch is averaged with itself in another order, labels too (Zhang et al. 2018).

    The share of an image is drawn from Beta(`alpha`, `alpha`), once a batch.
    """

    def __init__(self, *, pixels: int, flip: bool, alpha: float) -> None:
        super().__init__(pixels=pixels, flip=flip)
        if not alpha > 0:
            raise ValueError(f"aug.alpha={alpha}: more than 0 does")
        self.alpha = alpha

    def mix(self, x: Tensor, y: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Images (B, C, Y, X) and the probability of each class (B, classes) -> both mixed."""
        share = self.share(generator)
        return share * x + (1 - share) * x.flip(0), share * y + (1 - share) * y.flip(0)

    def share(self, generator: Generator) -> float:
        seed = int(torch.randint(2**62, (), generator=generator))
        return float(np.random.default_rng(seed).beta(self.alpha, self.alpha))


class Cutmix(Mixup):
    """After Crop, a box of each image is taken from another one, and so much of the label (Yun et al. 2019).

    The share of an image that stays is drawn as in Mixup; the box lies anywhere, and what sticks out is cut off.
    """

    def mix(self, x: Tensor, y: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        height, width = x.shape[2:]
        side = (1 - self.share(generator)) ** 0.5
        at = torch.rand(2, generator=generator).tolist()
        (top, bottom), (left, right) = (
            (max(0, round(n * (c - side / 2))), min(n, round(n * (c + side / 2))))
            for n, c in zip((height, width), at, strict=True)
        )
        mixed = x.clone()
        mixed[:, :, top:bottom, left:right] = x.flip(0)[:, :, top:bottom, left:right]
        share = 1 - (bottom - top) * (right - left) / (height * width)
        return mixed, share * y + (1 - share) * y.flip(0)


class Affine:
    """Each image turned by up to `degrees`, moved by up to `pixels` and scaled by up to 1 +- `scale`."""

    def __init__(self, *, degrees: float, pixels: float, scale: float) -> None:
        if not 0 <= scale < 1:
            raise ValueError(f"aug.scale={scale}: from 0 to below 1")
        if pixels < 0:
            raise ValueError(f"aug.pixels={pixels}: cannot be negative; 0 or more works")
        self.degrees, self.pixels, self.scale = degrees, pixels, scale

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        b, _, height, width = x.shape
        turn, zoom, dy, dx = (2 * torch.rand(4, b, generator=generator) - 1).to(x.device, non_blocking=True)
        angle = turn * math.radians(self.degrees)
        size = 1 / (1 + zoom * self.scale)  # grid_sample asks where a pixel comes from: the inverse
        cos, sin = size * angle.cos(), size * angle.sin()
        shift_x, shift_y = dx * self.pixels * 2 / width, dy * self.pixels * 2 / height
        rows = [cos, -sin * height / width, shift_x, sin * width / height, cos, shift_y]
        theta = torch.stack(rows, 1).view(b, 2, 3)
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)
