"""Augmentation of whole batches on their device, (B, C, Y, X) -> (B, C, Y, X), pixels in 0..1.

The random numbers come from a generator on the CPU, so that every device sees the same draws.
"""

import math

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
        b, _, height, width = x.shape
        reach = 2 * self.pixels + 1
        dy, dx = torch.randint(reach, (2, b, 1), generator=generator).to(x.device)
        rows = dy + torch.arange(height, device=x.device)  # (B, Y)
        columns = dx + torch.arange(width, device=x.device)  # (B, X)
        padded = F.pad(x, [self.pixels] * 4)
        image = torch.arange(b, device=x.device)[:, None, None]
        moved = padded[image, :, rows[:, :, None], columns[:, None, :]]  # (B, Y, X, C)
        return moved.permute(0, 3, 1, 2).contiguous()


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
        turn, zoom, dy, dx = (2 * torch.rand(4, b, generator=generator) - 1).to(x.device)
        angle = turn * math.radians(self.degrees)
        size = 1 / (1 + zoom * self.scale)  # grid_sample asks where a pixel comes from: the inverse
        cos, sin = size * angle.cos(), size * angle.sin()
        shift_x, shift_y = dx * self.pixels * 2 / width, dy * self.pixels * 2 / height
        rows = [cos, -sin * height / width, shift_x, sin * width / height, cos, shift_y]
        theta = torch.stack(rows, 1).view(b, 2, 3)
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)
