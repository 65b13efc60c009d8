"""Ways from the tokens to one vector. `prefix`: learned tokens that a choice puts before the patches."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ablate.axes import Dense, Layout, head_width


class Mean(nn.Module):
    """Average of the patches, without registers, (B, N, D) -> (B, D). A merged token counts as its patches."""

    prefix: tuple[nn.Parameter, ...] = ()

    def __init__(self, *, dim: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        patches = x[:, layout.prefix :]
        if layout.size is None:
            return patches.mean(1)
        weight = layout.size[:, layout.prefix :, None]
        return (patches * weight).sum(1) / weight.sum(1)


class Max(nn.Module):
    """Largest value of the patches in each dimension, without registers, (B, N, D) -> (B, D)."""

    prefix: tuple[nn.Parameter, ...] = ()

    def __init__(self, *, dim: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        return x[:, layout.prefix :].amax(1)


class Cls(nn.Module):
    """A learned token, put before the patches, read at the end (Devlin et al. 2019), (B, N, D) -> (B, D)."""

    def __init__(self, *, dim: int) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.empty(dim))
        nn.init.normal_(self.token, std=0.02)

    @property
    def prefix(self) -> tuple[nn.Parameter, ...]:
        return (self.token,)

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        return x[:, 0]


class Map(nn.Module):
    """A learned query attends to the patches, then an MLP with a shortcut, (B, N, D) -> (B, D).

    Multi-head attention pooling (Lee et al. 2019; Zhai et al. 2022), without registers. `norm` and `mlp` are
    factories. Raises ValueError if `heads` does not divide `dim`.
    """

    prefix: tuple[nn.Parameter, ...] = ()

    def __init__(
        self, *, dim: int, heads: int, norm: Callable[..., nn.Module], mlp: Callable[..., nn.Module]
    ) -> None:
        super().__init__()
        head_width(dim=dim, heads=heads)  # raises
        self.heads = heads
        self.query = nn.Parameter(torch.empty(dim))
        nn.init.normal_(self.query, std=0.02)
        self.q, self.kv, self.out = Dense(dim, dim), Dense(dim, 2 * dim, stacked=2), Dense(dim, dim)
        self.norm, self.mlp = norm(dim=dim), mlp(dim=dim)

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        x = x[:, layout.prefix :]
        q = self.q(self.query).unflatten(-1, (self.heads, 1, -1))  # (H, 1, K)
        k, v = self.kv(x).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each (B, H, N, K)
        scores = q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1)  # (B, H, 1, N)
        if layout.size is not None:
            scores = scores + layout.size[:, None, None, layout.prefix :].log()
        y = self.out((scores.softmax(-1).to(v.dtype) @ v).flatten(1))  # (B, D)
        return y + self.mlp(self.norm(y))
