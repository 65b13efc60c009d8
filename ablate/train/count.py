"""What a model costs, counted on the meta device: nothing is computed and no memory taken.

python -m ablate.cost [-m] [axis=choice ...] tells it of each cell of a study, and measures it (ablate.cost).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Cost:
    """Of one image: tokens that the blocks see (None where there are none) and FLOPs; a multiply-add is 2.

    `unread` names axes that the config wires to the model and that the model has no part for.
    """

    tokens: int | None
    params: int
    flops_per_image: int
    train_flops_per_image: int
    unread: tuple[str, ...]


def count(build: Callable[[], nn.Module], image: tuple[int, int, int]) -> Cost:
    """Builds the model on the meta device and counts matrix products forward, and forward with backward."""
    with torch.device("meta"):
        model = build()
    one = torch.zeros(1, *image, device="meta")
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        model.eval()(one)
    with FlopCounterMode(display=False) as training:
        model.train()(torch.cat([one, one])).sum().backward()  # two images: batch norm needs them
    return Cost(
        tokens=getattr(model, "tokens", None),
        params=sum(p.numel() for p in model.parameters()),
        flops_per_image=forward.get_total_flops(),
        train_flops_per_image=training.get_total_flops() // 2,
        unread=tuple(getattr(model, "unread", ())),
    )
