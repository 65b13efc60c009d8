"""FLOPs of a model by part, from closed formulas and the shapes that each layer sees.

As in torch.utils.flop_counter, which they are tested against: a multiply-add is 2, and only products count
(linear maps, convolutions, attention). Everything runs on the meta device: nothing is computed.
"""

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

# Which part a layer belongs to, by its name in ours and in timm's models; others go by their first word.
PARTS = {
    r"(net\.)?patch(_embed)?\b": "patch",
    r"(net\.)?blocks\.\d+\.attn\b": "attention",
    r"(net\.)?blocks\.\d+\.mlp\b": "mlp",
    r"(net\.)?(pool|attn_pool)\b": "pool",
    r"(net\.)?(head|fc)\b": "head",
}
HOOKED = re.compile(r"(?:blocks\.\d+\.branch[12]|sequence)\.(\w+)")  # a part in a hook goes by its axis


class Tally:
    """FLOPs of one image by part, filled by hooks while images go through the model."""

    def __init__(self, model: nn.Module) -> None:
        self.forward: dict[str, int] = {}
        self.training: dict[str, int] = {}
        self.hooks = []
        for name, module in model.named_modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                self.hooks.append(module.register_forward_hook(self.layer(part_of(name))))
            if formula := product_of(module):
                self.hooks.append(module.register_forward_hook(self.product(part_of(name), *formula)))

    def layer(self, part: str) -> Callable[..., None]:
        """A map with weights. Backward costs as much for the weights, and as much for an input with a gradient."""

        def see(module: nn.Module, args: tuple[Any, ...], out: Tensor) -> None:
            assert isinstance(module, (nn.Linear, nn.Conv2d))
            self.add(part, layer_flops(module, out), 1 + module.weight.requires_grad + args[0].requires_grad)

        return see

    def product(self, part: str, formula: Callable[..., int], times: int, name: str | None) -> Callable[..., None]:
        """A product of two activations: `times` as much in training as forward."""

        def see(module: nn.Module, args: tuple[Any, ...], out: Tensor) -> None:
            self.add(name or part, formula(module, args, out), times)

        return see

    def add(self, part: str, count: int, times: int) -> None:
        if not count:
            return
        if torch.is_grad_enabled():
            self.training[part] = self.training.get(part, 0) + count * times
        else:
            self.forward[part] = self.forward.get(part, 0) + count


def by_part(build: Callable[[], nn.Module], image: tuple[int, int, int]) -> tuple[dict[str, int], dict[str, int]]:
    """FLOPs of one image by part: forward in evaluation, and forward with backward in training."""
    with torch.device("meta"):
        model = build()
    one = torch.zeros(1, *image, device="meta")
    tally = Tally(model)
    with torch.no_grad():
        model.eval()(one)
    model.train()(torch.cat([one, one]))  # two images: batch norm needs them
    return tally.forward, {part: count // 2 for part, count in tally.training.items()}


def part_of(name: str) -> str:
    if hooked := HOOKED.match(name):
        return hooked[1]
    for pattern, part in PARTS.items():
        if re.match(pattern, name):
            return part
    return next((word for word in name.split(".") if word != "net"), "model")


def layer_flops(layer: nn.Module, out: Tensor) -> int:
    """2 for each weight that goes into a number of the output."""
    if isinstance(layer, nn.Conv2d):
        down, across = layer.kernel_size
        return 2 * out.numel() * layer.in_channels // layer.groups * down * across
    assert isinstance(layer, nn.Linear)
    return 2 * out.numel() * layer.in_features


def full(attn: Any, args: tuple[Any, ...], out: Tensor) -> int:
    """Scores and their average of the values, for every pair of tokens: 4 B N^2 D."""
    b, n, d = out.shape
    return 4 * b * n * n * d


def linear(attn: Any, args: tuple[Any, ...], out: Tensor) -> int:
    """Keys times values, queries times that, and the weights: 4 B N D K + 2 B N D."""
    b, n, d = out.shape
    return 4 * b * n * d * (d // attn.heads) + 2 * b * n * d


def local(attn: Any, args: tuple[Any, ...], out: Tensor) -> int:
    """Patches by window and with the prefix, the prefix with all: 4 B D (W S (P + S) + P N)."""
    layout = args[1]
    if layout.place is not None:  # a mask over all pairs
        return full(attn, args, out)
    (b, n, d), p, windows = out.shape, layout.prefix, attn.windows
    count, size = (side[0] * side[1] for side in (windows.count, windows.shape))
    return 4 * b * d * (count * size * (p + size) + p * n)


def one_query(pool: Any, args: tuple[Any, ...], out: Tensor) -> int:
    """One query over the patches: 4 B N D."""
    b, n, d = args[0].shape
    prefix = args[1].prefix if len(args) > 1 else 0
    return 4 * b * (n - prefix) * d


def merged(block: Any, args: tuple[Any, ...], out: Tensor) -> int:
    """Cosines of the even patches with the odd ones, where a block merges any: 2 B (N/2)^2 K."""
    x, layout = args
    (b, n, d), p = x.shape, layout.prefix
    if type(layout).__name__ != "Merging" or out.shape[1] == n:
        return 0
    even, odd = (n - p + 1) // 2, (n - p) // 2
    return 2 * b * even * odd * (d // block.attn.heads)


# By class: a formula, how many times as much training costs, and a name of its own in the table.
PRODUCTS: dict[str, tuple[Callable[..., int], int, str | None]] = {
    "ablate.axes.attn.Full": (full, 3, "mixing"),
    "ablate.axes.attn.Linear": (linear, 3, "mixing"),
    "ablate.axes.attn.Window": (local, 3, "mixing"),
    "ablate.axes.attn.Axial": (local, 3, "mixing"),
    "ablate.axes.pool.Map": (one_query, 3, None),
    "ablate.vit.Block": (merged, 1, "tokens"),  # keys are compared without a gradient
    "timm.layers.attention.Attention": (full, 3, "mixing"),
    "timm.models.vision_transformer.Attention": (full, 3, "mixing"),  # where older versions keep it
    "timm.layers.attention_pool.AttentionPoolLatent": (one_query, 3, None),
}


def product_of(module: nn.Module) -> tuple[Callable[..., int], int, str | None] | None:
    return PRODUCTS.get(f"{type(module).__module__}.{type(module).__qualname__}")
