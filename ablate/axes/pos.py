"""Position choices. Each may add to the tokens, turn queries and keys, or add to the scores of attention."""

import torch
from torch import Tensor, nn


class NoPos(nn.Module):
    """No position: all three hooks do nothing. CLS, if the pool has one, is there without a position too."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Tokens with their position, (B, N, D) -> (B, N, D)."""
        return x

    def rotate(self, q: Tensor, k: Tensor, place: Tensor | None) -> tuple[Tensor, Tensor]:
        """Queries and keys of the tokens at `place` with their position, both (B, H, N, K)."""
        return q, k

    def bias(self, place: Tensor | None) -> Tensor | None:
        """What to add to the scores of the tokens at `place`, broadcast to (B, H, N, N)."""
        return None


class Learned(NoPos):
    """A free vector a token, CLS and registers too (Dosovitskiy et al. 2021), (B, N, D) -> (B, N, D)."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], std: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.table = nn.Parameter(torch.empty(prefix + grid[0] * grid[1], dim))
        nn.init.normal_(self.table, std=std)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class Sinusoidal(NoPos):
    """Sines and cosines of the index in the sequence (Vaswani et al. 2017, 3.5), (B, N, D) -> (B, N, D).

    Even columns hold sines, odd ones cosines; CLS is index 0 where there is one. The table is a buffer that
    is not saved: it follows from the shape. Raises ValueError if `dim` is odd.
    """

    table: Tensor

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], base: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        if dim % 2:
            raise ValueError(f"pos=sinusoidal needs an even model.dim, not {dim}; {dim - 1} or {dim + 1} do")
        index = torch.arange(prefix + grid[0] * grid[1], dtype=torch.float64)
        angle = index[:, None] * base ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)  # (N, D/2)
        table = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)  # (N, D/2, 2) -> (N, D)
        self.register_buffer("table", table.to(torch.get_default_dtype()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table
