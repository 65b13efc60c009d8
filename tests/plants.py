"""Arms that are not what they say: what an audit must find."""

import torch
from torch import Generator, Tensor, nn

from ablate.axes.attn import Full
from ablate.axes.mlp import Gelu
from ablate.axes.pos import Learned, NoPos, Rope


class Renamed(NoPos):
    """`learned` under another name."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.frequencies = nn.Parameter(torch.empty(prefix + grid[0] * grid[1], dim))
        nn.init.normal_(self.frequencies, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.frequencies


class Unturned(Rope):
    """A rope that turns nothing: `none`."""

    def rotate(self, q: Tensor, k: Tensor, place: Tensor | None) -> tuple[Tensor, Tensor]:
        return q, k


class NoCls(NoPos):
    """A `none` that takes CLS with it, as timm's did before 1.0.26."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.prefix = prefix

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.prefix :]


class LearnedSines(NoPos):
    """A `sinusoidal` whose table is trained."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], base: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.table = nn.Parameter(torch.empty(prefix + grid[0] * grid[1], dim))
        nn.init.normal_(self.table, std=0.5)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class Spare(Learned):
    """A learned position with one weight that nothing reads."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], std: float) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid, std=std)
        self.spare = nn.Parameter(torch.zeros(dim))


class Wide(Gelu):
    """An MLP that says nothing of being twice as wide."""

    def __init__(self, *, dim: int, ratio: float) -> None:
        super().__init__(dim=dim, ratio=2 * ratio)


class Chosen(Gelu):
    """A sound one: an MLP whose function a group of its own names."""

    def __init__(self, *, dim: int, ratio: float, act: str) -> None:
        super().__init__(dim=dim, ratio=ratio)
        self.act = {"relu": nn.ReLU(), "gelu": nn.GELU()}[act]

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.act(self.up(x)))


class OwnDice:
    """An augmentation that draws from torch's generator instead of the one that it is given."""

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        return x + torch.rand(len(x), 1, 1, 1)


class Plain(nn.Sequential):
    """A model of a stranger's: no patches, no blocks."""

    def __init__(self, *, image: tuple[int, int, int], classes: int, dim: int) -> None:
        channels, y, x = image
        super().__init__(nn.Flatten(), nn.Linear(channels * y * x, dim), nn.Linear(dim, classes))


class OwnAttention(Full):
    """A sound one: attention in a class that nobody has a formula for."""
