"""The ViT (Dosovitskiy et al. 2021): only the order of its parts. Every part arrives as a factory."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ablate.axes import Dense, Layout

Factory = Callable[..., Any]  # of a module
Hook = dict[str, Factory]  # a place for further axes, by name: modules (B, N, D) -> (B, N, D)


class DropPath(nn.Module):
    """In training, what a branch adds is left out for a random share `rate` of the images, (B, N, D) -> (B, N, D).

    Stochastic depth (Huang et al. 2016). What stays is scaled up, so that the mean is the same.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        stays = torch.rand(len(x), 1, 1, device=x.device) >= self.rate
        return x * (stays.to(x.dtype) / (1 - self.rate))


def chained(hook: Hook, **given: Any) -> nn.Sequential:
    """A hook's modules one after the other, each built from what is `given`; the identity if there are none."""
    return nn.Sequential(OrderedDict((axis, factory(**given)) for axis, factory in hook.items()))


class Block(nn.Module):
    """Pre-norm transformer block, (B, N, D) -> (B, N', D); N' < N where `layout` takes tokens away.

    `branch1` and `branch2` are the hook on what attention and MLP are about to add.
    """

    def __init__(
        self,
        *,
        dim: int,
        attn: Factory,
        norm: Factory,
        mlp: Factory,
        branch: Callable[[], nn.Module],
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        self.norm1, self.attn, self.branch1 = norm(dim=dim), attn(dim=dim), branch()
        self.norm2, self.mlp, self.branch2 = norm(dim=dim), mlp(dim=dim), branch()
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        x = layout.thin(x + self.drop_path(self.branch1(self.attn(self.norm1(x), layout))))
        return x + self.drop_path(self.branch2(self.mlp(self.norm2(x))))


class ViT(nn.Module):
    """Image classifier, (B, C, Y, X) -> (B, classes) logits.

    The sequence is: the pool's own tokens (CLS), `registers` learned ones (Darcet et al. 2024), the patches
    row by row. `tokens` is its length, which is what the first block sees. `sequence` and `branches` are hooks
    for further axes: on the sequence once positions are in, and on both branches of every block before they are
    added. Their factories get the same arguments as those of a position and of attention. Raises ValueError for a
    negative number of registers; the parts raise it for what they cannot do.
    """

    def __init__(
        self,
        *,
        image: tuple[int, int, int],
        classes: int,
        dim: int,
        depth: int,
        registers: int,
        patch: Factory,
        pos: Factory,
        attn: Factory,
        tokens: Factory,
        norm: Factory,
        mlp: Factory,
        pool: Factory,
        sequence: Hook,
        branches: Hook,
        drop_path: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        self.recompute = recompute
        if registers < 0:
            raise ValueError(f"model.registers={registers} is too few; 0 or more do")
        if not 0 <= drop_path < 1:
            raise ValueError(f"model.drop_path={drop_path} is no share to leave out; 0 up to less than 1 do")
        self.patch = patch(image=image, dim=dim)
        self.pool = pool(dim=dim)
        self.registers = nn.ParameterList(nn.Parameter(torch.empty(dim)) for _ in range(registers))
        self.prefix, grid = len(self.pool.prefix) + registers, self.patch.grid
        self.tokens = self.prefix + grid[0] * grid[1]
        self.pos = pos(dim=dim, prefix=self.prefix, grid=grid)
        self.sequence = chained(sequence, dim=dim, prefix=self.prefix, grid=grid)
        self.thinning = tokens(depth=depth, prefix=self.prefix, grid=grid)
        places = [{"prefix": self.prefix, "grid": grid, "index": index} for index in range(depth)]
        self.blocks = nn.ModuleList(
            Block(
                dim=dim,
                attn=partial(attn, **place),
                norm=norm,
                mlp=mlp,
                branch=partial(chained, branches, dim=dim, **place),
                drop_path=drop_path * (index / (depth - 1) if depth > 1 else 1),
            )
            for index, place in enumerate(places)
        )
        self.norm = norm(dim=dim)
        self.head = Dense(dim, classes)
        for register in self.registers:
            nn.init.normal_(register, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        patches = self.patch(image)  # (B, N, D)
        prefix = [token.expand(len(image), 1, -1) for token in (*self.pool.prefix, *self.registers)]
        x = self.sequence(self.pos(torch.cat([*prefix, patches], 1)))  # (B, P + N, D)
        # Under autocast patches are bf16 and tables are not: one type for all arms; bf16 would gain 1 %.
        x = x.to(self.head.weight.dtype)
        x, layout = self.thinning(x, Layout(self.pos, prefix=self.prefix))
        for block in self.blocks:
            x = self.again(block, x, layout) if self.recompute and self.training else block(x, layout)
        return self.head(self.pool(self.norm(x), layout))  # (B, classes)

    def again(self, block: nn.Module, x: Tensor, layout: Layout) -> Tensor:
        """What a block makes of the tokens, without keeping what is between; backward computes that once more.

        Raises ValueError where tokens become fewer on the way: a block would merge others the second time.
        """
        if type(layout) is not Layout:
            raise ValueError("model.recompute=true: tokens=merge changes with each look; tokens=all or drop do")
        out: Tensor = checkpoint(block, x, layout, use_reentrant=False)
        return out
