"""Who looks at whom: the attention of each block on some images, worked out again from its queries and keys."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

CLOSE = 1e-3  # of the output: by so much the weights may miss what the module gives


class NoSuchThing(Exception):
    """The model has nothing of the kind; the text says why, in a few words."""


@dataclass(frozen=True)
class Maps:
    """Attention (B, H, P + N, P + N) of each block, and how the tokens stand: `prefix` P, then a `grid` of N."""

    blocks: list[Tensor]
    prefix: int
    grid: tuple[int, int]


def maps(model: Any, images: Tensor) -> Maps:
    """What the blocks make of the images that the model sees, (B, C, Y, X). Raises NoSuchThing."""
    blocks, prefix, grid = tokens_of(model)
    found: list[Tensor] = []
    hooks = [
        block.attn.register_forward_hook(lambda m, args, out: found.append(weights(m, args, out)))
        for block in blocks
    ]
    try:
        with torch.no_grad():
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
    return Maps(found, prefix, grid)


def tokens_of(model: Any) -> tuple[list[Any], int, tuple[int, int]]:
    """Blocks with attention, tokens before the patches, and patches down and across. Raises NoSuchThing."""
    net = getattr(model, "net", model)
    blocks = [block for block in getattr(net, "blocks", []) if hasattr(getattr(block, "attn", None), "qkv")]
    if not blocks:
        raise NoSuchThing("the model has no attention that we know")
    if net is model:
        return blocks, model.prefix, model.patch.grid
    return blocks, net.num_prefix_tokens, tuple(net.patch_embed.grid_size)


def weights(attn: Any, args: tuple[Any, ...], out: Tensor) -> Tensor:
    """(B, H, N, N), rows sum to 1. Raises NoSuchThing where they are not what the module does."""
    layout = args[1] if len(args) > 1 and hasattr(args[1], "rotate") else None
    if layout is not None and layout.place is not None:
        raise NoSuchThing("tokens are merged on the way, so the maps of two blocks are of different tokens")
    heads = getattr(attn, "heads", None) or attn.num_heads
    q, k, v = attn.qkv(args[0]).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
    bias = None
    if layout is not None:
        q, k = layout.rotate(q, k)
        bias = layout.bias()
    else:
        q, k = (getattr(attn, f"{which}_norm", nn.Identity())(x) for which, x in (("q", q), ("k", k)))
    scores = q * q.shape[-1] ** -0.5 @ k.mT
    for more in (bias, windows(attn)):
        scores = scores if more is None else scores + more
    found = scores.softmax(-1)
    last = attn.out if hasattr(attn, "out") else attn.proj
    again = last((found @ v).transpose(1, 2).flatten(2))
    if not (again - out).norm() <= CLOSE * out.norm():
        raise NoSuchThing(f"attn={type(attn).__name__.lower()} is no softmax over pairs of tokens")
    return found


def windows(attn: Any) -> Tensor | None:
    """0 where a pair meets and -inf where it does not; None where all meet."""
    found: Tensor | None = getattr(getattr(attn, "windows", None), "pairs", None)
    return found


def rollout(blocks: list[Tensor]) -> Tensor:
    """Attention through all blocks (Abnar and Zuidema 2020), (B, N, N): half of each token stays where it is."""
    found = torch.eye(blocks[0].shape[-1]).expand(len(blocks[0]), -1, -1)
    for block in blocks:
        found = (0.5 * block.mean(1) + 0.5 * torch.eye(block.shape[-1])) @ found
    return found


def distance(block: Tensor, prefix: int, grid: tuple[int, int], patch: float) -> Tensor:
    """How far a patch looks, in pixels of the image that the model sees, averaged over images and patches, (H,).

    Among patches alone; as in Dosovitskiy et al. (2021, figure 7).
    """
    y, x = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    place = torch.stack([y.flatten(), x.flatten()], 1).float() * patch  # (N, 2)
    among = block[:, :, prefix:, prefix:]
    among = among / among.sum(-1, keepdim=True).clamp(min=1e-12)
    return (among * torch.cdist(place, place)).sum(-1).mean((0, 2))


def seen_by(block: Tensor, prefix: int, grid: tuple[int, int], *, has_cls: bool) -> Tensor:
    """What the image is looked at for, (B, N, N) -> (B, rows, columns): by CLS, or by the patches on average."""
    rows = block[:, 0] if has_cls else block[:, prefix:].mean(1)
    return rows[:, prefix:].unflatten(1, grid)
