"""Optimisers, built from the whole model: only weights of linear maps and convolutions decay."""

import re
from typing import Any

import torch
from torch import nn


def groups(model: nn.Module, *, lr: float, weight_decay: float, layer_decay: float) -> list[dict[str, Any]]:
    """Parameters in two groups: matrices decay; norms, biases, tokens and tables do not.

    With `layer_decay` below 1 there are two for each layer, the last layer first: each layer below learns at
    `layer_decay` times the rate of the one above it. Weights that are frozen are in no group.
    """
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if layer_decay == 1:
        return pair(trained, weight_decay)
    level = levels(model)
    top = max(level.values(), default=0)
    found = []
    for at in sorted({level[name] for name, _ in trained}, reverse=True):
        members = [(name, p) for name, p in trained if level[name] == at]
        rate = lr * layer_decay ** (top - at)
        found += [group | {"lr": rate} for group in pair(members, weight_decay) if group["params"]]
    return found


def pair(parameters: list[tuple[str, nn.Parameter]], weight_decay: float) -> list[dict[str, Any]]:
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, p in parameters:
        is_matrix = p.ndim >= 2 and name.rpartition(".")[2].endswith("weight")
        (decayed if is_matrix else free).append(p)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def levels(model: nn.Module) -> dict[str, int]:
    """Of each parameter, how many layers lie below it: 0 before the first block, most for the head.

    timm says it of its models. In ours, what follows the blocks goes with the head.
    """
    names = [name for name, _ in model.named_parameters()]
    net: Any = getattr(model, "net", None)
    if hasattr(net, "group_matcher"):
        from timm.models import group_parameters

        found = group_parameters(net, net.group_matcher(coarse=False), reverse=True)
        return {f"net.{name}": level for name, level in found.items()}
    blocks = [int(at[1]) + 1 if (at := re.match(r"blocks\.(\d+)\.", name)) else 0 for name in names]
    last = max(blocks, default=0) + 1
    after = ("norm.", "pool.", "head.")
    return {
        name: last if name.startswith(after) and name != "pool.token" else block
        for name, block in zip(names, blocks, strict=True)
    }


class AdamW(torch.optim.AdamW):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), fused."""

    def __init__(
        self, model: nn.Module, *, lr: float, weight_decay: float, betas: list[float], layer_decay: float = 1.0
    ) -> None:
        beta1, beta2 = betas
        parameters = groups(model, lr=lr, weight_decay=weight_decay, layer_decay=layer_decay)
        super().__init__(parameters, lr=lr, betas=(beta1, beta2), fused=True)


class SGD(torch.optim.SGD):
    """Stochastic gradient descent with Nesterov momentum."""

    def __init__(
        self, model: nn.Module, *, lr: float, weight_decay: float, momentum: float, layer_decay: float = 1.0
    ) -> None:
        parameters = groups(model, lr=lr, weight_decay=weight_decay, layer_decay=layer_decay)
        super().__init__(parameters, lr=lr, momentum=momentum, nesterov=momentum > 0)
