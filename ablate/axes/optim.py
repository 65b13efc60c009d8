"""Optimisers, built from the whole model: only weights of linear maps and convolutions decay."""

import torch
from torch import nn


def groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Parameters in two groups: matrices decay; norms, biases, tokens and tables do not."""
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, p in model.named_parameters():
        is_matrix = p.ndim >= 2 and name.rpartition(".")[2].endswith("weight")
        (decayed if is_matrix else free).append(p)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


class AdamW(torch.optim.AdamW):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), fused."""

    def __init__(self, model: nn.Module, *, lr: float, weight_decay: float, betas: list[float]) -> None:
        beta1, beta2 = betas
        super().__init__(groups(model, weight_decay), lr=lr, betas=(beta1, beta2), fused=True)


class SGD(torch.optim.SGD):
    """Stochastic gradient descent with Nesterov momentum."""

    def __init__(self, model: nn.Module, *, lr: float, weight_decay: float, momentum: float) -> None:
        super().__init__(groups(model, weight_decay), lr=lr, momentum=momentum, nesterov=momentum > 0)
