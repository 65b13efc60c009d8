"""What the names of position choices promise."""

from typing import Any

import torch
from torch import Tensor, nn

from ablate.audit.alive import SAME, distance
from ablate.audit.answer import NotAsked, ask
from ablate.audit.built import Built

BLIND_ATTN = ("full", "linear")  # attention that treats all places alike


def none(cell: Built) -> str | None:
    """The tokens come out as they went in, and places make no difference to the part or to the whole model."""
    if part := cell.part("pos"):
        if lost := kept(cell):
            return lost
        if any(True for _ in part.parameters()):
            return "has weights of its own"
        if not is_blind(cell, part):
            return "tells places apart"
    blind, why = ask(whole_is_blind, cell)
    if why and part is None:
        raise NotAsked(why)
    return "other logits for the same patches in another order" if blind is False else None


def learned(cell: Built) -> str | None:
    """It has weights, and places make a difference."""
    tables = [p for name, p in cell.model.named_parameters() if name.endswith("pos_embed")]  # timm's
    weights = tables or cell.need("pos").parameters()
    return sees_order(cell) if any(p.requires_grad for p in weights) else "has no weight to learn"


def fixed(cell: Built) -> str | None:
    """It has no weights, and places make a difference."""
    if any(True for _ in cell.need("pos").parameters()):
        return "is learned: it has weights"
    return sees_order(cell)


def rope(cell: Built) -> str | None:
    return fixed(cell) or offsets_only(cell)


def relative(cell: Built) -> str | None:
    return learned(cell) or offsets_only(cell)


def sees_order(cell: Built) -> str | None:
    if (part := cell.part("pos")) and (lost := kept(cell)):
        return lost
    if part is not None:
        return "no different from no position" if is_blind(cell, part) else None
    return "same logits for the patches in another order" if whole_is_blind(cell) else None


def kept(cell: Built) -> str | None:
    """As many tokens come out as go in: CLS and registers stay."""
    (x, *_), out = cell.call("pos")
    return f"{x.shape[1]} tokens go in, {out.shape[1]} come out" if x.shape[1] != out.shape[1] else None


def shuffled(count: int, prefix: int) -> Tensor:
    """Prefix tokens in their place, patches in another order, (P + N,)."""
    made = torch.Generator().manual_seed(0)
    return torch.cat([torch.arange(prefix), torch.randperm(count - prefix, generator=made) + prefix])


def is_blind(cell: Built, part: Any) -> bool:
    """Whether the part treats tokens in another order in the same way."""
    (x, *_), out = cell.call("pos")
    order = shuffled(x.shape[1], prefix_of(cell))
    with torch.no_grad():
        moved = part(x[:, order])
    made = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 1, heads_of(cell), x.shape[1], x.shape[2] // heads_of(cell), generator=made)
    there, again = scores(part, q, k)[..., order, :][..., order], scores(part, q[..., order, :], k[..., order, :])
    return distance(out[:, order], moved) <= SAME and distance(there, again) <= SAME


def scores(part: Any, q: Tensor, k: Tensor) -> Tensor:
    """What attention makes of queries and keys with this position, before the softmax, (B, H, N, N)."""
    with torch.no_grad():
        q, k = part.rotate(q, k, None)
        bias = part.bias(None)
        product = q @ k.transpose(-2, -1)
        return product if bias is None else product + bias


def offsets_only(cell: Built) -> str | None:
    """For the same query, key and offset the score is the same, and nothing is added to the tokens."""
    part = cell.need("pos")
    (x, *_), out = cell.call("pos")
    if distance(x, out) > SAME:
        return "adds to the tokens, which shows places and not only offsets"
    prefix, (rows, columns) = prefix_of(cell), cell.model.patch.grid
    made = torch.Generator().manual_seed(0)
    one = torch.randn(2, 1, heads_of(cell), 1, x.shape[2] // heads_of(cell), generator=made)
    q, k = one.expand(-1, -1, -1, x.shape[1], -1)
    score = scores(part, q, k)[..., prefix:, prefix:].flatten(-2)  # (B, H, N * N)
    place = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij"), -1).flatten(0, 1)
    offset = (place[:, None] - place + torch.tensor([rows, columns])) @ torch.tensor([2 * columns + 1, 1])
    group = offset.flatten().expand(score.shape)
    size = int(group.max()) + 1
    most = torch.full((*score.shape[:-1], size), -torch.inf).scatter_reduce(-1, group, score, "amax")
    least = torch.full((*score.shape[:-1], size), torch.inf).scatter_reduce(-1, group, score, "amin")
    apart = (most - least)[most > -torch.inf].max()
    return None if apart <= 1e-4 * score.abs().max() else "the same offset gives another score in another place"


def prefix_of(cell: Built) -> int:
    return int(cell.model.prefix)


def heads_of(cell: Built) -> int:
    heads = cell.config["model"].get("heads")
    if heads is None:
        raise NotAsked("model.heads is not known")
    return int(heads)


def whole_is_blind(cell: Built) -> bool:
    """Whether the logits stay when the patches, once made, change places.

    Raises NotAsked where other parts tell places apart.
    """
    chosen = cell.run.choices
    patches = next(
        (name for name, _ in cell.model.named_modules() if name.endswith(("patch", "patch_embed"))), None
    )
    others_tell = chosen.get("attn") not in BLIND_ATTN or chosen.get("tokens") != "all"
    if patches is None:
        raise NotAsked("the model has no part called patch")
    if cell.part("pos") and others_tell:
        raise NotAsked("attn or tokens tell places apart too")

    def move(_: nn.Module, args: object, out: Tensor) -> Tensor:
        return out[:, shuffled(out.shape[1], 0)]

    before = cell.logits()
    handle = cell.model.get_submodule(patches).register_forward_hook(move)
    try:
        return distance(before, cell.logits()) <= SAME * 10
    finally:
        handle.remove()
