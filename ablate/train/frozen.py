"""Weights that are not trained: what a model was given of a trained one, less its head."""

from typing import Literal

from torch import nn

from ablate.train.fill import Filled
from ablate.train.places import places

Freeze = Literal["none", "backbone"]


def freeze(model: nn.Module, wanted: Freeze, done: Filled | None) -> None:
    """`backbone` trains only the head and what is new. Raises ValueError where nothing was loaded."""
    if wanted == "none":
        return
    if done is None:
        raise ValueError("freeze=backbone: init=scratch has nothing to freeze; init=checkpoint or init=timm do")
    head = places(model).head
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in done.new or name.startswith(head))


def rest(model: nn.Module) -> None:
    """Parts without a weight to train as in evaluation: their batch norms keep their averages."""
    for part in model.modules():
        own = list(part.parameters())
        if own and not any(parameter.requires_grad for parameter in own):
            part.eval()
