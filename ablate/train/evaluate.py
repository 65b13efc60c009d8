"""What a model makes of images that it does not train on: tensors in, accuracy and loss out."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@torch.no_grad()
def evaluate(
    model: nn.Module,
    inputs: Callable[..., Tensor],
    x: Tensor,
    y: Tensor,
    *,
    precision: str,
    where: str,
    pause: Callable[[], None] = lambda: None,
    batch: int = 1000,
) -> tuple[dict[str, float], Tensor]:
    """Accuracy (0..1) and mean cross-entropy without smoothing, and the predicted labels (n,).

    `pause` is called after every batch and may raise. Raises FloatingPointError for a loss that is not finite;
    `where` names the place, as in "validation after step 8".
    """
    model.eval()
    logits = []
    for part in x.split(batch):
        with autocast(x.device, precision):
            logits.append(model(inputs(part)).float())
        pause()
    scores = torch.cat(logits)  # (n, classes)
    predicted = scores.argmax(-1)
    accuracy, loss = (predicted == y).double().mean().item(), F.cross_entropy(scores, y).item()
    if not math.isfinite(loss):
        raise not_finite(f"the loss is {loss} in {where}")
    return {"acc": accuracy, "loss": loss}, predicted


def not_finite(what: str) -> FloatingPointError:
    return FloatingPointError(f"{what}; try a smaller optim.lr")


def autocast(device: torch.device, precision: str) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
