"""Maps of each token by itself, (B, N, D) -> (B, N, D)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Dense


class Gelu(nn.Module):
    """Two linear maps, `ratio` * D wide between, with the exact GELU (Hendrycks and Gimpel 2016)."""

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__()
        self.up = Dense(dim, round(dim * ratio))
        self.down = Dense(round(dim * ratio), dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x)))


class Swiglu(nn.Module):
    """A linear map times the SiLU of another, and one back (Shazeer 2020), with the parameters of `gelu`.

    Three maps instead of two make the width inside about two thirds of `ratio` * D: it is rounded to the nearest
    integer, so that a block has at most (3 D + 2) / 2 parameters more or less than with `gelu`.
    """

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__()
        width = round(dim * ratio)
        same = width * (2 * dim + 1) / (3 * dim + 2)  # as 3 D W' + 2 W' + D = 2 D W + W + D
        self.gate_up = Dense(dim, 2 * round(same), stacked=2)
        self.down = Dense(round(same), dim)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)
