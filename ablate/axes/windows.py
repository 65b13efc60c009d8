"""A grid of patches cut into windows: the geometry of local attention, without weights."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Windows(nn.Module):
    """Windows of `shape` patches over the grid, W of them with S patches each; `prefix` tokens are seen by all.

    `before`: rows and columns by which the first window sticks out of the grid; its patches there are absent,
    and so are those of the last one that stick out at the other end. The tables follow from the shape and are
    not saved.
    """

    pairs: Tensor  # (P + N, P + N): 0 where a query and a key meet, -inf elsewhere
    places: Tensor  # (W, P + S): which tokens the patches of a window see
    absent: Tensor  # (W, 1, P + S): -inf where there is none

    def __init__(
        self, *, prefix: int, grid: tuple[int, int], shape: tuple[int, int], before: tuple[int, int]
    ) -> None:
        super().__init__()
        self.prefix, self.grid, self.shape = prefix, grid, shape
        down, across = (-(n + b) % s for n, b, s in zip(grid, before, shape, strict=True))
        self.padding = (0, 0, before[1], across, before[0], down)  # of K, X and Y, as F.pad wants it
        self.count = ((grid[0] + before[0] + down) // shape[0], (grid[1] + before[1] + across) // shape[1])
        number = torch.arange(1, prefix + grid[0] * grid[1] + 1, dtype=torch.float32)  # 0 is left for the absent
        seen = self.seen(number[None, None, :, None])[0, 0, ..., 0]  # (W, P + S)
        y, x = (torch.arange(n) + b for n, b in zip(grid, before, strict=True))
        window = (y[:, None] // shape[0] * self.count[1] + x // shape[1]).flatten()  # (N,)
        meet = F.pad(window[:, None] == window, (prefix, 0, prefix, 0), value=True)
        self.register_buffer("pairs", to_add(meet), persistent=False)
        self.register_buffer("places", seen.long().sub(1).clamp(min=0), persistent=False)
        self.register_buffer("absent", to_add(seen > 0)[:, None], persistent=False)

    def split(self, x: Tensor) -> Tensor:
        """Patches by windows, (B, H, N, K) -> (B, H, W, S, K), zeros where there is none."""
        x = F.pad(x.unflatten(2, self.grid), self.padding)
        x = x.unflatten(3, (self.count[1], -1)).unflatten(2, (self.count[0], -1))  # W and S as two sides each
        return x.transpose(3, 4).flatten(4, 5).flatten(2, 3)

    def join(self, x: Tensor) -> Tensor:
        """Inverse of split, (B, H, W, S, K) -> (B, H, N, K)."""
        x = x.unflatten(3, self.shape).unflatten(2, self.count).transpose(3, 4)
        return F.pad(x.flatten(4, 5).flatten(2, 3), [-p for p in self.padding]).flatten(2, 3)

    def seen(self, x: Tensor) -> Tensor:
        """What the patches of each window attend to, (B, H, P + N, K) -> (B, H, W, P + S, K)."""
        windows = self.split(x[:, :, self.prefix :])
        prefix = x[:, :, None, : self.prefix].expand(-1, -1, windows.shape[2], -1, -1)
        return torch.cat([prefix, windows], 3)

    def among(self, place: Tensor) -> Tensor:
        """What to add to the scores of the tokens that are left, (B, N') -> (B, 1, N', N')."""
        return self.pairs[place[:, :, None], place[:, None]][:, None]

    def near(self, bias: Tensor | None) -> Tensor:
        """What to add to the scores within the windows, for a bias of (H, P + N, P + N) -> (H, W, S, P + S)."""
        if bias is None:
            return self.absent
        return self.absent + bias[:, self.places[:, self.prefix :, None], self.places[:, None]]


def to_add(meets: Tensor) -> Tensor:
    """What a mask adds to scores: 0 where True, -inf where not."""
    return torch.zeros(meets.shape).masked_fill(~meets, -torch.inf)
