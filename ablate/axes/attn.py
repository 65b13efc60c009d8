"""Token mixers, (B, N, D) -> (B, N, D). The width of all heads together is D, however many there are."""

import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Layout, Linear


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
    """Softmax attention, q (..., N, K), k and v (..., M, K), bias broadcast to (..., N, M) -> (..., N, K)."""
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, bias)
    # On a CPU the fused kernel takes 80 % of a bf16 training step; plain products are 2 to 5 times as fast.
    scores = q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1)  # (..., N, M)
    return (scores if bias is None else scores + bias).softmax(-1) @ v


class Full(nn.Module):
    """Every token attends to every token (Vaswani et al. 2017), (B, N, D) -> (B, N, D).

    Raises ValueError if `heads` does not divide `dim`.
    """

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], index: int, heads: int) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            fitting = ", ".join(str(n) for n in range(1, dim + 1) if dim % n == 0)
            raise ValueError(f"model.heads={heads} does not divide model.dim={dim}; {fitting} do")
        self.heads = heads
        self.qkv = Linear(dim, 3 * dim, stacked=3)
        self.out = Linear(dim, dim)

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each (B, H, N, K)
        q, k = layout.rotate(q, k)
        return self.out(attend(q, k, v, layout.bias()).transpose(1, 2).flatten(2))
