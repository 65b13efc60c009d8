"""Norms over the width of a token, (..., D) -> (..., D)."""

import torch
from torch import Tensor, nn


class LayerNorm(nn.LayerNorm):
    """Zero mean and unit variance, then a learned scale and shift (Ba et al. 2016), (..., D) -> (..., D)."""

    def __init__(self, *, dim: int, eps: float) -> None:
        super().__init__(dim, eps=eps)


class RMSNorm(nn.Module):
    """Unit mean square, then a learned scale (Zhang and Sennrich 2019), (..., D) -> (..., D).

    Written out because torch's own leaves its fast path, and warns, where tokens are bf16 and weights fp32.
    """

    def __init__(self, *, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(dim))
        nn.init.ones_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        y = x.to(self.weight.dtype)
        return (y * (y.square().mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight).to(x.dtype)
