"""What the names of the other axes' choices promise."""

from typing import Any

import torch
from torch import Tensor

from ablate.audit.alive import SAME, STEPS, distance
from ablate.audit.answer import NotAsked
from ablate.audit.built import Built
from ablate.config.hydra_versions import instantiate

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def some_rgb() -> Tensor:
    return torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))


def gray(cell: Built) -> str | None:
    seen = instantiate(cell.config["color"])(some_rgb())
    wanted = (some_rgb() * torch.tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    if cell.images.shape[1] != 1:
        return f"the model sees {cell.images.shape[1]} channels"
    return None if distance(wanted, seen) <= SAME else "is not the luma of red, green and blue"


def rgb(cell: Built) -> str | None:
    if cell.images.shape[1] != 3:
        return f"the model sees {cell.images.shape[1]} channels"
    same = distance(some_rgb(), instantiate(cell.config["color"])(some_rgb())) <= SAME
    return None if same else "changes red, green and blue"


def patch(cell: Built) -> str | None:
    """There are as many tokens as squares, and each depends only on the pixels of its own square."""
    size = int(cell.run.choices["patch"])
    part = cell.part("net.patch_embed") or cell.need("patch")  # the first is timm's
    image = cell.images[:1].clone().requires_grad_()
    tokens = part(image)  # (1, N, D)
    rows, columns = image.shape[2] // size, image.shape[3] // size
    if tokens.shape[1] != rows * columns:
        return f"makes {tokens.shape[1]} tokens, not {rows * columns}"
    last = tokens.shape[1] - 1
    (gradient,) = torch.autograd.grad(tokens[0, last].square().sum(), image)
    used = gradient[0].abs().sum(0)  # (Y, X)
    outside = used.clone()
    outside[-size:, -size:] = 0
    return "looks beyond its square" if outside.any() else None


def reach(cell: Built) -> list[tuple[int, int]]:
    """How many tokens the last one attends to in each block, and how many there are."""
    found = []
    for index in range(len(cell.need_blocks())):
        attn: Any = cell.need(f"blocks.{index}.attn")
        (x, *rest), _ = cell.call(f"blocks.{index}.attn")
        x = x.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(attn(x, *rest)[0, -1].square().sum(), x)
        found.append((int(gradient[0].abs().sum(-1).count_nonzero()), x.shape[1]))
    return found


def full(cell: Built) -> str | None:
    partial = [f"a token sees {some} of {every} tokens" for some, every in reach(cell) if some < every]
    return partial[0] if partial else None


def local(cell: Built) -> str | None:
    found = reach(cell)
    if any(some < every for some, every in found):
        return None
    return f"in every block a patch sees all {found[0][1]} tokens, which are too few for it to matter"


def counts(cell: Built) -> tuple[list[int], list[int]]:
    """Tokens that go into each block, in evaluation and in training."""
    return [s.tokens for s in cell.need_blocks()], [s.tokens for s in cell.seen_in_training]


def all_tokens(cell: Built) -> str | None:
    seen, trained = counts(cell)
    return f"blocks see {seen}, in training {trained}" if len({*seen, *trained}) > 1 else None


def merge(cell: Built) -> str | None:
    seen, trained = counts(cell)
    if len(seen) < 2:
        raise NotAsked("what a block takes away is seen only in the next block, and there is one block")
    fewer = seen[-1] < seen[0] and trained[-1] < trained[0]
    return None if fewer else f"blocks see {seen}, in training {trained}"


def drop(cell: Built) -> str | None:
    seen, trained = counts(cell)
    if len(set(seen)) == 1 and trained[0] < seen[0]:
        return None
    return f"blocks see {seen}, in training {trained}"


def normed(cell: Built) -> Tensor:
    """What the first norm makes of random tokens whose mean is not zero, (N, D)."""
    width, part = cell.need_blocks()[0].width, cell.need("blocks.0.norm1")
    x = 2 + 3 * torch.randn(16, width, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return part(x)


def layernorm(cell: Built) -> str | None:
    y = normed(cell)
    is_normal = y.mean(-1).abs().max() < 1e-3 and (y.var(-1, unbiased=False) - 1).abs().max() < 1e-3
    return None if is_normal else "does not give zero mean and unit variance"


def rmsnorm(cell: Built) -> str | None:
    y = normed(cell)
    if (y.square().mean(-1) - 1).abs().max() > 1e-3:
        return "does not give unit mean square"
    return "takes the mean away" if y.mean(-1).abs().max() < 1e-3 else None


def by_itself(cell: Built) -> str | None:
    """Whether the result for a token depends on no other token."""
    part: Any = cell.need("blocks.0.mlp")
    (x, *rest), out = cell.call("blocks.0.mlp")
    with torch.no_grad():
        alone = part(x[:, :1], *rest)
    return None if distance(out[:, :1], alone) <= SAME else "mixes tokens"


def no_aug(cell: Built) -> str | None:
    return None if torch.equal(cell.images, cell.augmented) else "changes the images"


def last_rate(cell: Built) -> float:
    return float(instantiate(cell.config["sched"])(STEPS - 1, STEPS))


def constant(cell: Built) -> str | None:
    return None if last_rate(cell) == 1 else f"ends at {last_rate(cell):.3g} of the rate"


def cosine(cell: Built) -> str | None:
    return None if 0 <= last_rate(cell) < 0.01 else f"ends at {last_rate(cell):.3g} of the rate"
