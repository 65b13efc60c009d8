"""What the names of pooling choices promise. The pool is tried with the tokens that it gets in the model."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ablate.audit.alive import SAME, distance
from ablate.audit.answer import NotAsked
from ablate.audit.built import Built


def cls(cell: Built) -> str | None:
    """There is one token besides patches and registers, and only this one is read."""
    if fault := own_tokens(cell, 1):
        return fault
    x, pooled = asked(cell)
    if distance(pooled(x), pooled(x, others_than=0)) > SAME:
        return "reads other tokens than its own"
    return None if distance(pooled(x), pooled(x, only=0)) > SAME else "does not read its own token"


def mean(cell: Built) -> str | None:
    return own_tokens(cell, 0) or plain(cell, lambda x: x.mean(1), "the average")


def maximum(cell: Built) -> str | None:
    return own_tokens(cell, 0) or plain(cell, lambda x: x.amax(1), "the maximum")


def attention(cell: Built) -> str | None:
    """It has weights, and the order of the patches makes no difference."""
    if fault := own_tokens(cell, 0):
        return fault
    if not any(True for _ in cell.need("pool").parameters()):
        return "has no query to learn"
    x, pooled = asked(cell)
    prefix = cell.model.prefix
    backwards = torch.cat([x[:, :prefix], x[:, prefix:].flip(1)], 1)
    return None if distance(pooled(x), pooled(backwards)) <= SAME else "tells places apart"


def own_tokens(cell: Built, count: int) -> str | None:
    """The blocks must see `count` tokens besides patches and registers."""
    blocks = cell.need_blocks()
    if cell.part("pool") is not None and cell.part("patch") is not None:
        rows, columns = cell.model.patch.grid
        rest = rows * columns + len(cell.model.registers)
    elif (embed := cell.part("net.patch_embed")) is not None:  # timm's
        rest = embed.num_patches
    else:
        raise NotAsked("how many patches the model makes is not known")
    found = blocks[0].tokens - rest
    return None if found == count else f"has {found} tokens of its own in the blocks, not {count}"


def plain(cell: Built, formula: Callable[[Tensor], Tensor], name: str) -> str | None:
    """Whether the pool computes this formula of the patches, (B, N, D) -> (B, D)."""
    x, pooled = asked(cell)
    if cell.run.choices.get("tokens") != "all":
        raise NotAsked("without tokens=all the pool weighs its patches")
    wanted = formula(x[:, cell.model.prefix :])
    return None if distance(wanted, pooled(x)) <= SAME else f"is not {name} of the patches"


def asked(cell: Built) -> tuple[Tensor, Callable[..., Tensor]]:
    """The tokens that the pool gets, and a function that calls it again with some of them changed."""
    part: Any = cell.need("pool")
    (x, *rest), _ = cell.call("pool")

    def pooled(tokens: Tensor, *, only: int | None = None, others_than: int | None = None) -> Tensor:
        tokens = tokens.clone()
        if only is not None:
            tokens[:, only] += 1
        if others_than is not None:
            keep = tokens[:, others_than].clone()
            tokens += 1
            tokens[:, others_than] = keep
        with torch.no_grad():
            return copy.deepcopy(part)(tokens, *rest)

    return x, pooled
