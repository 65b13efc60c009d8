"""Whether every weight of a cell is trained."""

import copy
from functools import lru_cache

import torch

from ablate.audit.answer import NotAsked
from ablate.audit.built import Built

NUDGE = 0.02  # scales that start at zero would hide the weights behind them


@lru_cache
def untrained(cell: Built) -> list[str]:
    """Names of the parameters that get no gradient from the images in training. Raises NotAsked without a loss."""
    model = copy.deepcopy(cell.model).train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        with torch.no_grad():
            for p in model.parameters():
                p.add_(torch.randn(p.shape) * NUDGE)
        logits = model(cell.images)  # (B, classes)
        labels = torch.arange(len(logits)) % logits.shape[1]
        loss = torch.nn.functional.cross_entropy(logits, labels)
        if not loss.isfinite():
            raise NotAsked("its loss is not finite")
        loss.backward()
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [name for name, p in trained if p.grad is None or not p.grad.any()]
