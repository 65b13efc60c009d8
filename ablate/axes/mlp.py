"""Maps of each token by itself, (B, N, D) -> (B, N, D)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Linear


class Gelu(nn.Module):
    """Two linear maps, `ratio` * D wide between, with the exact GELU (Hendrycks and Gimpel 2016)."""

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__()
        self.up = Linear(dim, round(dim * ratio))
        self.down = Linear(round(dim * ratio), dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x)))
