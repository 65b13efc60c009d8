"""A small ViT of the baseline's parts, with some replaced: small_vit(pos=..., pool=...)."""

from functools import partial
from typing import Any

import torch
from torch import nn

from ablate.axes.attn import Full
from ablate.axes.mlp import Gelu
from ablate.axes.norm import LayerNorm
from ablate.axes.patch import Patch
from ablate.axes.pool import Mean
from ablate.axes.pos import NoPos
from ablate.axes.tokens import All
from ablate.vit import ViT


def small_vit(**parts: Any) -> ViT:
    """Built from the baseline's parts but for `parts`; weights of all kinds are random, biases too."""
    torch.manual_seed(0)
    baseline = {
        "image": (1, 8, 8),
        "classes": 4,
        "dim": 16,
        "depth": 2,
        "registers": 0,
        "patch": partial(Patch, size=2),
        "pos": NoPos,
        "attn": partial(Full, heads=4),
        "tokens": All,
        "norm": partial(LayerNorm, eps=1e-6),
        "mlp": partial(Gelu, ratio=4.0),
        "pool": Mean,
        "sequence": {},
        "branches": {},
    }
    return randomised(ViT(**(baseline | parts)))


def randomised(module: nn.Module) -> Any:
    """Adds noise to every weight: zeros and ones would hide a bias or a scale that is not used."""
    with torch.no_grad():
        for p in module.parameters():
            p.add_(torch.randn_like(p) * 0.2)
    return module
