"""Position choices. Each may add to the tokens, turn queries and keys, or add to the scores of attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import head_width


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
        """What to add to the scores of the tokens at `place`, (H, N, N) or, if `place` is given, (B, H, N, N)."""
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
        angle = angles(torch.arange(prefix + grid[0] * grid[1]), dim // 2, base)
        table = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)  # (N, D/2, 2) -> (N, D)
        self.register_buffer("table", table.to(torch.get_default_dtype()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class Sinusoidal2d(NoPos):
    """Sines and cosines of the row in one half of the width, of the column in the other, (B, N, D) -> (B, N, D).

    As in MAE (He et al. 2022): zeros for CLS and registers, and not saved. Raises ValueError if `dim` is no
    multiple of 4.
    """

    table: Tensor

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], base: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        if dim % 4:
            refuse("sinusoidal2d", "model.dim", dim)
        y, x = (angles(at, dim // 4, base) for at in coordinates(grid))
        table = torch.cat([y.sin(), y.cos(), x.sin(), x.cos()], 1)  # (N, D)
        table = F.pad(table, (0, 0, prefix, 0)).to(torch.get_default_dtype())
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class Rope(NoPos):
    """Queries and keys are turned, half of their pairs by the row and half by the column, both (B, H, N, K).

    Rotary positions (Su et al. 2021), axial in two dimensions (Heo et al. 2024): a score depends on the offset of
    two patches only. CLS and registers are not turned. Raises ValueError if the width of a head is no multiple
    of 4.
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], heads: int, base: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        width = head_width(dim=dim, heads=heads)
        if width % 4:
            refuse("rope", "model.dim / model.heads", width)
        angle = torch.cat([angles(at, width // 4, base) for at in coordinates(grid)], 1)  # (N, K/2)
        angle = F.pad(angle, (0, 0, prefix, 0))
        self.register_buffer("cos", angle.cos().to(torch.get_default_dtype()), persistent=False)
        self.register_buffer("sin", angle.sin().to(torch.get_default_dtype()), persistent=False)

    def rotate(self, q: Tensor, k: Tensor, place: Tensor | None) -> tuple[Tensor, Tensor]:
        cos, sin = (t if place is None else t[place][:, None] for t in (self.cos, self.sin))
        return turned(q, cos, sin), turned(k, cos, sin)


class Relative(NoPos):
    """A learned number a head and offset of two patches is added to their score, for all blocks the same.

    As in Swin (Liu et al. 2021); three more for pairs with CLS or registers, as in BEiT (Bao et al. 2022).
    """

    index: Tensor

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], heads: int, std: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        y, x = coordinates(grid)
        offsets = (2 * grid[0] - 1) * (2 * grid[1] - 1)
        down = y[:, None] - y + grid[0] - 1
        across = x[:, None] - x + grid[1] - 1
        index = F.pad(down * (2 * grid[1] - 1) + across, (prefix, 0, prefix, 0))  # (P + N, P + N)
        index[:prefix], index[:, :prefix], index[:prefix, :prefix] = offsets, offsets + 1, offsets + 2
        self.register_buffer("index", index, persistent=False)
        self.table = nn.Parameter(torch.empty(offsets + 3, heads))
        nn.init.normal_(self.table, std=std)

    def bias(self, place: Tensor | None) -> Tensor:
        index = self.index if place is None else self.index[place[:, :, None], place[:, None]]
        return F.embedding(index, self.table).movedim(-1, -3)  # (H, N, N) or (B, H, N, N)


def angles(at: Tensor, count: int, base: float) -> Tensor:
    """Coordinates times `count` frequencies from 1 down to almost 1 / base, (N,) -> (N, count) in fp64."""
    return at.double()[:, None] * base ** -(torch.arange(count, dtype=torch.float64) / count)


def coordinates(grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Row and column of each patch, row by row, (N,) each."""
    y, x = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    return y.flatten(), x.flatten()


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Each pair (i, i + K/2) turned by its angle, (..., N, K) -> (..., N, K)."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1).to(x.dtype)


def refuse(choice: str, key: str, value: int) -> None:
    """One line for a width that is no multiple of 4."""
    near = max(4, value // 4 * 4)
    raise ValueError(f"pos={choice} needs {key} to be a multiple of 4, not {value}; {near} or {near + 4} do")
