"""What an update is made of: the gradient of a batch, left in the parameters, clipped and ready for a step."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from ablate.train.evaluate import autocast


class How(NamedTuple):
    """What a gradient depends on besides the model and the batch."""

    precision: str
    label_smoothing: float
    clip: float  # largest norm; 0 leaves the gradient as it is
    parts: int = 1  # of a batch, one after the other, for devices too small for a whole one


Gradient = Callable[[nn.Module, Tensor, Tensor, How], tuple[Tensor, Tensor]]


def judged(logits: Tensor, labels: Tensor, label_smoothing: float) -> tuple[Tensor, Tensor]:
    """Logits (B, classes) and labels -> mean cross-entropy, and how many of the B were right.

    Labels are numbers of classes (B,), or the probability of each class (B, classes) where images are mixed; then
    the likeliest is the right one.
    """
    right = labels if labels.ndim == 1 else labels.argmax(-1)
    return F.cross_entropy(logits, labels, label_smoothing=label_smoothing), (logits.argmax(-1) == right).sum()


def gradient(model: nn.Module, images: Tensor, labels: Tensor, how: How) -> tuple[Tensor, Tensor]:
    """Sets `grad` of each parameter: images (B, C, Y, X) and labels -> mean loss, and how many were right."""
    for parameter in model.parameters():
        parameter.grad = None
    loss, hits = torch.zeros((2,), device=images.device)
    for part, truth in zip(images.chunk(how.parts), labels.chunk(how.parts), strict=True):
        with autocast(images.device, how.precision):
            logits = model(part).float()
        mean, right = judged(logits, truth, how.label_smoothing)
        mean = mean * (len(truth) / len(labels))
        mean.backward()
        loss, hits = loss + mean.detach(), hits + right
    if how.clip:
        clip_grad_norm_(model.parameters(), how.clip)
    return loss, hits.long()
