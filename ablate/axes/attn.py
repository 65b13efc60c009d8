"""Token mixers, (B, N, D) -> (B, N, D). The width of all heads together is D, however many there are."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Dense, Layout, head_width
from ablate.axes.windows import Windows

# Keys from which on the fused kernel of a CPU beats plain products on every machine tried: 1.2x at 196 keys; at 50
# it was 1.1x on one and 0.8x on another. In bf16 it never did.
LONG = 96


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
    """Softmax attention, q (..., N, K), k and v (..., M, K), bias broadcast to (..., N, M) -> (..., N, K)."""
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, bias if bias is None else bias.to(q.dtype))
    wide = torch.promote_types(q.dtype, torch.float32)
    if bias is None and k.shape[-2] >= LONG:
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(q.to(wide), k.to(wide), v.to(wide)).to(v.dtype)
    # Plain products, and a softmax in fp32, which costs two casts and yet half of what it costs in bf16.
    lead = q.shape[:-2]
    q, k, v = (t.flatten(0, -3) for t in (q, k, v))
    scores = torch.bmm(q * q.shape[-1] ** -0.5, k.mT)  # (..., N, M), all sizes but the last two in one
    if bias is not None:
        scores = (scores.unflatten(0, lead) + bias).flatten(0, -3)
    weights = scores.softmax(-1, dtype=wide)
    return torch.bmm(weights.to(v.dtype), v).unflatten(0, lead)


class Full(nn.Module):
    """Every token attends to every token (Vaswani et al. 2017), (B, N, D) -> (B, N, D).

    Raises ValueError if `heads` does not divide `dim`.
    """

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], index: int, heads: int) -> None:
        super().__init__()
        head_width(dim=dim, heads=heads)  # raises
        self.heads = heads
        self.qkv = Dense(dim, 3 * dim, stacked=3)
        self.out = Dense(dim, dim)

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1))  # (B, N, 3, H, K)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).contiguous()  # each (B, H, N, K); one copy instead of three
        return self.out(self.mix(q, k, v, layout).transpose(1, 2).flatten(2))

    def mix(self, q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
        """The values that each token gathers, three times (B, H, N, K) -> (B, H, N, K)."""
        q, k = layout.rotate(q, k)
        return attend(q, k, v, layout.bias())


class Linear(Full):
    """Attention without a softmax, at a cost linear in N (Katharopoulos et al. 2020), (B, N, D) -> (B, N, D).

    Scores are phi(q) phi(k) with phi = elu + 1, so that keys and values are summed once for all queries. Rotary
    positions turn phi(q) and phi(k) in the numerator only (Su et al. 2021, eq. 19). A token of several patches
    counts as often. Raises ValueError for a position choice that adds to scores, as there are none.
    """

    def mix(self, q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
        if layout.pos.bias(layout.place) is not None:
            pos = type(layout.pos).__name__.lower()
            raise ValueError(f"pos={pos} adds to scores, and attn=linear has none; attn=full, window or axial do")
        exact = torch.promote_types(q.dtype, torch.float32)  # sums over all tokens lose too much in bf16
        q, k = F.elu(q.to(exact)) + 1, F.elu(k.to(exact)) + 1
        if layout.size is not None:
            k = k * layout.size[:, None, :, None]
        weight = q @ k.sum(2)[..., None]  # (B, H, N, 1)
        q, k = layout.rotate(q, k)
        return q @ (k.transpose(-2, -1) @ v) / weight


class Local(Full):
    """Patches attend within their window, and to CLS and registers; these attend to all tokens.

    Where a choice of `tokens` has taken some away, the same pairs meet by a mask, at the cost of `full`.
    """

    windows: Windows

    def mix(self, q: Tensor, k: Tensor, v: Tensor, layout: Layout) -> Tensor:
        q, k = layout.rotate(q, k)
        bias, p, windows = layout.bias(), layout.prefix, self.windows
        if layout.place is not None:
            meet = windows.among(layout.place)
            return attend(q, k, v, meet if bias is None else meet + bias)
        patches = attend(windows.split(q[:, :, p:]), windows.seen(k), windows.seen(v), windows.near(bias))
        patches = windows.join(patches)
        if p == 0:
            return patches
        prefix = attend(q[:, :, :p], k, v, bias if bias is None else bias[:, :p])
        return torch.cat([prefix, patches], 2)


class Window(Local):
    """Attention in squares of `size` patches, moved by half in every second block (Liu et al. 2021, Swin).

    CLS and registers are global (Beltagy et al. 2020, Longformer). Raises ValueError if `size` is less than 1.
    """

    def __init__(
        self, *, dim: int, prefix: int, grid: tuple[int, int], index: int, heads: int, size: int, shift: bool
    ) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid, index=index, heads=heads)
        if size < 1:
            raise ValueError(f"attn.size={size} is too small for a window; 1 or more works")
        shape = (min(size, grid[0]), min(size, grid[1]))
        moved = shift and index % 2 == 1
        before = (shape[0] - shape[0] // 2, shape[1] - shape[1] // 2) if moved else (0, 0)
        self.windows = Windows(prefix=prefix, grid=grid, shape=shape, before=before)


class Axial(Local):
    """Attention along the rows in even blocks and along the columns in odd ones (Ho et al. 2019)."""

    def __init__(self, *, dim: int, prefix: int, grid: tuple[int, int], index: int, heads: int) -> None:
        super().__init__(dim=dim, prefix=prefix, grid=grid, index=index, heads=heads)
        shape = (grid[0], 1) if index % 2 else (1, grid[1])
        self.windows = Windows(prefix=prefix, grid=grid, shape=shape, before=(0, 0))
