"""Ways from the tokens to one vector. `prefix`: learned tokens that a choice puts before the patches."""

import torch
from torch import Tensor, nn

from ablate.axes import Layout


class Mean(nn.Module):
    """Average of the patches, without registers, (B, N, D) -> (B, D)."""

    prefix: tuple[nn.Parameter, ...] = ()

    def __init__(self, *, dim: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        return x[:, layout.prefix :].mean(1)


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
