"""A part of your own: `pos=ramp` adds one learned vector, the more of it the later a token comes.

    PYTHONPATH=examples/own_part python -m ablate.train --config-dir examples/own_part/conf -m pos=none,ramp

The file conf/pos/ramp.yaml names this class; docs/adding-an-axis.md says the rest.
"""

import torch
from torch import Tensor, nn


class Ramp(nn.Module):
    """Position as a distance from the first token, (B, N, D) -> (B, N, D)."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], std: float) -> None:
        super().__init__()
        if std < 0:
            raise ValueError(f"pos.std={std} is negative; 0 or more works")
        self.direction = nn.Parameter(torch.empty(dim))
        nn.init.normal_(self.direction, std=std)
        ramp = torch.linspace(0, 1, prefix + grid[0] * grid[1])
        self.register_buffer("ramp", ramp[:, None], persistent=False)  # (N, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.direction * self.ramp

    def rotate(self, q: Tensor, k: Tensor, place: Tensor | None) -> tuple[Tensor, Tensor]:
        """Nothing is rotated in attention, (B, H, N, K) each."""
        return q, k

    def bias(self, place: Tensor | None) -> Tensor | None:
        """Nothing is added to the scores of attention."""
        return None
