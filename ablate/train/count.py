"""What a model costs, counted on the meta device: nothing is computed and no memory taken.

python -m ablate.cost [-m] [axis=choice ...] says it of each cell of a study, and measures it (ablate.cost).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

Build = Callable[[], nn.Module]
Image = tuple[int, int, int]


@dataclass(frozen=True)
class Cost:
    """Of one image: tokens that the blocks see (None where there are none) and FLOPs; a multiply-add is 2.

    FLOPs are None where they cannot be counted. `unread` names axes that the config wires to the model and that
    the model has no part for.
    """

    tokens: int | None
    params: int
    flops_per_image: int | None
    train_flops_per_image: int | None
    unread: tuple[str, ...]


def count(build: Build, image: Image) -> Cost:
    """Counts matrix products forward, and forward with backward, without memory.

    A model of which some part looks at values has none on the meta device. It is built on the CPU and given a tiny
    batch instead, and its FLOPs are not known. Raises what the model raises there.
    """
    try:
        return on_meta(build, image)
    except Exception as e:  # the meta device refuses a look at values in many ways
        if is_refusal(e):
            raise
    return on_cpu(build, image)


def is_refusal(error: BaseException) -> bool:
    """Whether a part refuses its input in its own words, as it would on any device."""
    chain = [error]
    while (first := chain[-1].__cause__ or chain[-1].__context__) and first not in chain:
        chain.append(first)
    return isinstance(chain[-1], ValueError)


def on_meta(build: Build, image: Image) -> Cost:
    with torch.device("meta"):
        model = build()
    one = torch.zeros(1, *image, device="meta")
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        model.eval()(one)
    ours = {torch.ops.aten.convolution_backward: convolution_backward}
    with FlopCounterMode(display=False, custom_mapping=ours) as training:
        model.train()(torch.cat([one, one])).sum().backward()  # two images: batch norm needs them
    return cost(model, forward.get_total_flops(), training.get_total_flops() // 2)


def convolution_backward(
    grad: list[int], x: list[int], weight: list[int], *rest: Any, out_shape: object = None
) -> int:
    """FLOPs of the gradients of a convolution; torch counts one in groups as if every channel met every other."""
    transposed, mask = rest[4], rest[7]
    once = 2 * prod(x if transposed else grad) * prod(weight[1:])
    return once * (bool(mask[0]) + bool(mask[1]))


def on_cpu(build: Build, image: Image) -> Cost:
    with torch.random.fork_rng(devices=[]):  # a run that asks draws the same numbers afterwards
        model = build()
        two = torch.randn(2, *image)
        with torch.no_grad():
            model.eval()(two[:1])
        model.train()(two).sum().backward()
    return cost(model, None, None)


def cost(model: nn.Module, forward: int | None, training: int | None) -> Cost:
    return Cost(
        tokens=getattr(model, "tokens", None),
        params=size(model),
        flops_per_image=forward,
        train_flops_per_image=training,
        unread=tuple(getattr(model, "unread", ())),
    )


def size(model: nn.Module) -> int:
    """How many numbers are trained."""
    return sum(p.numel() for p in model.parameters())
