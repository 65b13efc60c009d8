"""Maps of each token by itself, (B, N, D) -> (B, N, D)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Dense


def width_of(dim: int, ratio: float) -> int:
    """How wide an MLP is inside; ValueError where nothing would be left of it."""
    width = round(dim * ratio)
    if width < 1:
        raise ValueError(f"mlp.ratio={ratio:g}: {ratio:g} times {dim} is no width; {1 / dim:g} or more works")
    return width


class Gelu(nn.Module):
    """Two linear maps, `ratio` * D wide between, with the exact GELU (Hendrycks and Gimpel 2016)."""

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__()
        width = width_of(dim, ratio)
        self.up = Dense(dim, width)
        self.down = Dense(width, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x)))


class Swiglu(nn.Module):
    """A linear map times the SiLU of another, and one back (Shazeer 2020), with the parameters of `gelu`.

    Three maps instead of two make the width inside about two thirds of `ratio` * D: it is rounded to the nearest
    integer, so that a block has at most (3 D + 2) / 2 parameters more or less than with `gelu`.
    """

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__()
        width = width_of(dim, ratio)
        same = width * (2 * dim + 1) / (3 * dim + 2)  # as 3 D W' + 2 W' + D = 2 D W + W + D
        self.gate_up = Dense(dim, 2 * round(same), stacked=2)
        self.down = Dense(round(same), dim)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)
