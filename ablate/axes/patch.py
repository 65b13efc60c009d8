"""Ways from pixels to tokens, (B, C, Y, X) -> (B, N, D); `grid` is the number of tokens down and across."""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Dense


def tiling(image: tuple[int, int, int]) -> list[int]:
    """Sides of the squares that tile the image, without 1 and the whole image if there are others."""
    y, x = image[1:]
    sides = [side for side in range(1, min(y, x) + 1) if y % side == 0 and x % side == 0]
    return [side for side in sides if side != 1 and (side, side) != (y, x)] or sides


class Patch(nn.Module):
    """One linear map of each square of `size` pixels (Dosovitskiy et al. 2021), (B, C, Y, X) -> (B, N, D).

    Raises ValueError if the squares do not tile the image.
    """

    def __init__(self, *, image: tuple[int, int, int], dim: int, size: int) -> None:
        super().__init__()
        channels, y, x = image
        if size < 1 or y % size or x % size:
            sizes = tiling(image)
            verb = "do" if len(sizes) > 1 else "does"
            raise ValueError(f"patch={size} does not tile {y}x{x} images; {', '.join(map(str, sizes))} {verb}")
        self.size = size
        self.grid = (y // size, x // size)
        self.proj = Dense(channels * size * size, dim)

    def forward(self, image: Tensor) -> Tensor:
        b, c = image.shape[:2]
        x = image.reshape(b, c, self.grid[0], self.size, self.grid[1], self.size)
        return self.proj(x.permute(0, 2, 4, 1, 3, 5).reshape(b, self.grid[0] * self.grid[1], -1))  # (B, N, D)


class Overlap(nn.Module):
    """One linear map of each square of 2 * size - 1 pixels, `size` apart (PVT v2, Wang et al. 2022).

    (B, C, Y, X) -> (B, N, D) with as many tokens as patches of `size`, or one more a side where these do not tile
    the image. Raises ValueError if `size` is less than 1 or more than the image.
    """

    def __init__(self, *, image: tuple[int, int, int], dim: int, size: int) -> None:
        super().__init__()
        channels, y, x = image
        if not 1 <= size <= min(y, x):
            raise ValueError(f"patch.size={size} does not fit {y}x{x} images; 1 to {min(y, x)} do")
        self.step = size
        self.grid = (-(-y // size), -(-x // size))
        self.proj = Dense(channels * (2 * size - 1) ** 2, dim)

    def forward(self, image: Tensor) -> Tensor:
        squares = F.unfold(image, 2 * self.step - 1, padding=self.step - 1, stride=self.step)
        return self.proj(squares.transpose(1, 2))  # (B, N, D)


class Conv(nn.Module):
    """A stem of 3x3 convolutions that each halve the image, then one of 1x1 (Xiao et al. 2021).

    (B, C, Y, X) -> (B, N, D). As many convolutions as `size` has factors of 2, each followed by batch norm and
    ReLU, each twice as wide as the one before. Raises ValueError if `size` is no power of 2 that tiles the image.
    """

    def __init__(self, *, image: tuple[int, int, int], dim: int, size: int) -> None:
        super().__init__()
        channels, y, x = image
        halving = [2**n for n in range(1, 10) if y % 2**n == 0 and x % 2**n == 0]
        if size not in halving:
            does = f"; {', '.join(map(str, halving))} do" if halving else ""
            raise ValueError(f"patch.size={size}: patch=conv cannot halve {y}x{x} images to that{does}")
        self.grid = (y // size, x // size)
        widths = [channels, *(max(1, dim * side // size) for side in halving[: halving.index(size) + 1])]
        self.stem = nn.Sequential(*(halve(i, o) for i, o in pairwise(widths)))
        self.proj = Dense(dim, dim)

    def forward(self, image: Tensor) -> Tensor:
        return self.proj(self.stem(image).flatten(2).transpose(1, 2))  # (B, N, D)


def halve(inputs: int, outputs: int) -> nn.Module:
    """A 3x3 convolution of stride 2, batch norm and ReLU, (B, inputs, Y, X) -> (B, outputs, Y/2, X/2)."""
    conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)  # the norm has a bias
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())
