"""Tensors of a trained model in the shapes of another: position tables, patch kernels, first layers."""

from dataclasses import dataclass
from math import isqrt
from typing import Literal

import torch
from torch import Tensor

Stem = Literal["sum", "mean"]
Grid = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """A learned position for each token: of CLS (None without one), of the registers (R, D), of patches (N, D)."""

    cls: Tensor | None
    registers: Tensor
    patches: Tensor

    @property
    def grid(self) -> Grid:
        """Rows and columns of the patches, which the tables that we know have in a square."""
        side = isqrt(len(self.patches))
        if side * side != len(self.patches):
            raise ValueError(
                f"a position table of {len(self.patches)} patches, which are no square, is not resampled"
            )
        return side, side


def table(old: Table, new: Tensor, *, cls: bool, registers: int, grid: Grid) -> Tensor:
    """Positions for another grid and another prefix, bicubic; what `old` lacks stays as in `new` (P + N, D)."""
    from timm.layers import resample_abs_pos_embed

    out = new.clone()
    if cls and old.cls is not None:
        out[0] = old.cls
    shared = min(registers, len(old.registers))
    out[int(cls) : int(cls) + shared] = old.registers[:shared]
    patches = old.patches
    if len(patches) != grid[0] * grid[1] or old.grid != grid:
        patches = resample_abs_pos_embed(patches[None], list(grid), list(old.grid), num_prefix_tokens=0)[0]
    out[int(cls) + registers :] = patches
    return out


def kernel(old: Tensor, *, side: int, channels: int, stem: Stem) -> Tensor:
    """A patch kernel (D, C, S, S) for patches of another size and other channels.

    FlexiViT's rule (Beyer et al. 2023): patches that are resized to the new size give the old tokens as nearly as
    can be.
    """
    from timm.layers import resample_patch_embed

    return resample_patch_embed(over_channels(old, channels, stem), [side, side])


def over_channels(old: Tensor, channels: int, stem: Stem) -> Tensor:
    """A first layer's weights (D, C, Y, X) for another number of channels.

    `sum`: a gray image comes to what it came to with its channels repeated. `mean`: weights of the same size.
    """
    had = old.shape[1]
    if had == channels:
        return old
    if channels != 1 and had != 1:
        raise ValueError(
            f"a first layer for {had} channels is not one for {channels}; 1 and 3 can be made of each other"
        )
    out = (old.mean(1, keepdim=True)).expand(-1, channels, -1, -1)
    return (out * had / channels if stem == "sum" else out).contiguous()


def blocks_of(names: set[str]) -> int:
    """How many blocks a ViT has, of the names of its tensors, `blocks.0.norm1.weight` and so on."""
    numbers = {int(name.split(".")[1]) for name in names if name.startswith("blocks.")}
    return len(numbers)


def empty_rows(width: int) -> Tensor:
    return torch.empty(0, width)
