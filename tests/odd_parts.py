"""Parts of a user's own that a study meets before it trains: some look at values, some refuse, some are broken."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ablate.axes.mlp import Gelu
from ablate.axes.pos import NoPos
from ablate.data.synthetic import Synthetic


class Listed(NoPos):
    """Makes numbers of a tensor in its constructor, as timm's models did for their rates of stochastic depth."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.rates = [x.item() for x in torch.linspace(0, 1, 4)]
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.shift * self.rates[1]


class Careful(NoPos):
    """Looks at what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        assert not torch.isnan(x).any()
        return x


class Reworded(NoPos):
    """Looks at values, and has words of its own for what goes wrong then."""

    def forward(self, x: Tensor) -> Tensor:
        try:
            float(x.detach().sum())
        except RuntimeError:
            raise ValueError("pos=reworded: these tokens are odd") from None
        return x


class Sparse(nn.Module):
    """A model whose shapes follow from values."""

    def __init__(self, *, image: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(image[0] * image[1] * image[2], classes)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        most = flat.gather(1, flat.abs().topk(int((flat[0] == flat[0]).sum()), 1).indices)
        return self.head(most)


class Unsure(NoPos):
    """Looks at values, and is broken too."""

    def forward(self, x: Tensor) -> Tensor:
        if x.detach().sum().item() < float("inf"):
            raise KeyError("table")
        return x


class Refusing(NoPos):
    """Says in words of its own what would work, on top of an error that it met."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        try:
            {8: "eight"}[dim + 1]
        except KeyError as e:
            raise ValueError(f"model.dim={dim} has no table; model.dim=7 does") from e


class Curt(NoPos):
    """Refuses, and says not what."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        raise ValueError("cannot do that")


class Wrong(Gelu):
    """A bug of the user's, far from its constructor."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + None


class Data:
    """A data set that refuses."""

    def __init__(self, *, train: int) -> None:
        raise ValueError(f"{train} images are too few")


def schedule(*, rate: Any) -> Any:
    """A schedule from a function, which is broken."""
    return rate / 0


class Fading(NoPos):
    """Sound in training and in validation; what it gives in the test, its second evaluation, is not finite."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.evaluations = 0

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return x
        self.evaluations += 1
        return x / (self.evaluations < 2)


class Void(NoPos):
    """Gives numbers that are not finite, with weights to learn."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], number: str) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid)
        self.number = float(number)
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.shift) * self.number


class Short:
    """A schedule that cannot tell of more than a few steps."""

    def __call__(self, step: int, steps: int) -> float:
        if steps > 50:
            raise LookupError("only fifty steps are known")
        return 1.0


class Lost(Synthetic):
    """A data set that is there when it is planned, and gone once a file of the study is there."""

    def __init__(self, *, gone: str) -> None:
        if list(Path("runs").glob(gone)):
            try:
                {}["disk"]
            except KeyError as e:
                raise ValueError("data.root=/mnt: the disk is gone; mount it") from e
        super().__init__(train=64, val=8, test=8, size=28, classes=4)
