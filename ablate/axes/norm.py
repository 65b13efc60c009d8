"""Norms over the width of a token, (B, N, D) -> (B, N, D)."""

from torch import nn


class LayerNorm(nn.LayerNorm):
    """Zero mean and unit variance, then a learned scale and shift (Ba et al. 2016), (..., D) -> (..., D)."""

    def __init__(self, *, dim: int, eps: float) -> None:
        super().__init__(dim, eps=eps)
