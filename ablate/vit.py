"""The ViT (Dosovitskiy et al. 2021): only the order of its parts. Every part arrives as a factory."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ablate.axes import Dense, Layout

Factory = Callable[..., Any]  # of a module
Hook = dict[str, Factory]  # a place for further axes, by name: modules (B, N, D) -> (B, N, D)


def chained(hook: Hook, **given: Any) -> nn.Sequential:
    """A hook's modules one after the other, each built from what is `given`; the identity if there are none."""
    return nn.Sequential(OrderedDict((axis, factory(**given)) for axis, factory in hook.items()))


class Block(nn.Module):
    """Pre-norm transformer block, (B, N, D) -> (B, N', D); N' < N where `layout` takes tokens away.

    `branch1` and `branch2` are the hook on what attention and MLP are about to add.
    """

    def __init__(
        self, *, dim: int, attn: Factory, norm: Factory, mlp: Factory, branch: Callable[[], nn.Module]
    ) -> None:
        super().__init__()
        self.norm1, self.attn, self.branch1 = norm(dim=dim), attn(dim=dim), branch()
        self.norm2, self.mlp, self.branch2 = norm(dim=dim), mlp(dim=dim), branch()

    def forward(self, x: Tensor, layout: Layout) -> Tensor:
        x = layout.thin(x + self.branch1(self.attn(self.norm1(x), layout)))
        return x + self.branch2(self.mlp(self.norm2(x)))


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
    ) -> None:
        super().__init__()
        if registers < 0:
            raise ValueError(f"model.registers={registers} is too few; 0 or more do")
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
            )
            for place in places
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
            x = block(x, layout)
        return self.head(self.pool(self.norm(x), layout))  # (B, classes)
