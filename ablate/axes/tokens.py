"""Which tokens go through the blocks. CLS and registers always do."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ablate.axes import Layout


class All(nn.Module):
    """Every token goes through every block, (B, N, D) -> (B, N, D)."""

    def __init__(self, *, depth: int, prefix: int, grid: tuple[int, int]) -> None:
        super().__init__()

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Layout]:
        """Called before the first block: the tokens that go in, and the layout that goes with them."""
        return x, layout


class Drop(nn.Module):
    """In training, a random share `rate` of each image's patches is left out before the first block.

    PatchDropout (Liu et al. 2023), (B, N, D) -> (B, N', D). Evaluation sees every patch; draws come from torch's
    generator of the device. Raises ValueError if nothing would be left.
    """

    def __init__(self, *, depth: int, prefix: int, grid: tuple[int, int], rate: float) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"tokens.rate={rate} is no share to leave out; 0 up to less than 1 do")
        self.kept = max(1, round(grid[0] * grid[1] * (1 - rate)))

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Layout]:
        if not self.training:
            return x, layout
        p = layout.prefix
        draws = torch.rand(len(x), x.shape[1] - p, device=x.device)
        patches = draws.argsort(1)[:, : self.kept].sort(1).values + p
        prefix = torch.arange(p, device=x.device).expand(len(x), -1)
        layout.place = torch.cat([prefix, patches], 1)  # (B, P + N')
        return taken(x, layout.place), layout


class Merge(nn.Module):
    """In each block the most similar patches become one, until a share `keep` is left after the last block.

    Token merging, "ToMe" (Bolya et al. 2023), in training and evaluation, (B, N, D) -> (B, N', D). A block merges
    half of its patches at most, and a merged token keeps the position of the one that the others went into.
    Raises ValueError if nothing would be left.
    """

    def __init__(self, *, depth: int, prefix: int, grid: tuple[int, int], keep: float) -> None:
        super().__init__()
        if not 0 < keep <= 1:
            raise ValueError(f"tokens.keep={keep} is no share to keep; more than 0 up to 1 do")
        gone = round(grid[0] * grid[1] * (1 - keep))
        self.counts = [gone * (i + 1) // depth - gone * i // depth for i in range(depth)]

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Layout]:
        return x, Merging(layout, x, counts=self.counts)


class Merging(Layout):
    """A layout whose tokens become fewer in each block, by as many as `counts` says."""

    place: Tensor
    size: Tensor

    def __init__(self, layout: Layout, x: Tensor, *, counts: list[int]) -> None:
        super().__init__(layout.pos, prefix=layout.prefix)
        self.counts = iter(counts)
        self.keys: Tensor | None = None
        self.place = torch.arange(x.shape[1], device=x.device).expand(len(x), -1)
        self.size = torch.ones(x.shape[:2], device=x.device)

    def rotate(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        self.keys = k.detach().mean(1)  # (B, N, K): what says how similar two tokens are
        return super().rotate(q, k)

    def thin(self, x: Tensor) -> Tensor:
        """Every other patch goes into its best match among the rest, if the match is one of the best of all."""
        if self.keys is None:
            raise ValueError("tokens=merge compares the keys of attention; this attn never calls layout.rotate")
        p = self.prefix
        count = min(next(self.counts), (x.shape[1] - p) // 2)
        if count == 0:
            return x
        gone, into, stay = matches(self.keys[:, p:], count)
        a, b = slice(p, None, 2), slice(p + 1, None, 2)
        mass, size = x * self.size[..., None], self.size
        goal = into[..., None].expand(-1, -1, x.shape[-1])
        mass_b = mass[:, b].scatter_add(1, goal, taken(mass[:, a], gone))
        size_b = size[:, b].scatter_add(1, into, size[:, a].gather(1, gone))
        merged = (mass_b / size_b[..., None]).to(x.dtype)
        self.size = torch.cat([size[:, :p], size[:, a].gather(1, stay), size_b], 1)
        self.place = torch.cat([self.place[:, :p], self.place[:, a].gather(1, stay), self.place[:, b]], 1)
        return torch.cat([x[:, :p], taken(x[:, a], stay), merged], 1)


def matches(keys: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Bipartite matching of even tokens to odd ones by cosine, (B, N, K) -> three indices.

    `gone` (B, count): even tokens with the best matches; `into` (B, count): the odd ones that they match;
    `stay`: the other even tokens, in order.
    """
    keys = F.normalize(keys, dim=-1)
    score, partner = (keys[:, ::2] @ keys[:, 1::2].transpose(1, 2)).max(-1)
    order = score.argsort(dim=1, descending=True, stable=True)
    gone = order[:, :count]
    return gone, partner.gather(1, gone), order[:, count:].sort(1).values


def taken(x: Tensor, index: Tensor) -> Tensor:
    """Tokens by index, (B, N, D), (B, N') -> (B, N', D)."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))
