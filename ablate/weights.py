"""Initial weights drawn by name: a tensor that two models have in common starts equal in both."""

import zlib
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode


class Draws(TorchFunctionMode):
    """Seeds the generator before each call that may draw, from (seed, what is filled).

    In the first pass nothing is named yet: the mode notes which memory the k-th call fills. With these as
    `names` in the second pass, each call has the stream of its parameter. Calls that fill no parameter
    (a `torch.rand` on the way) are told apart by their kind and count.
    """

    def __init__(self, seed: int, names: list[str] | None = None) -> None:
        super().__init__()
        self.seed, self.names = seed, names
        self.filled: list[int] = []

    def __torch_function__(self, func: Callable, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        k = len(self.filled)
        target = args[0] if args and isinstance(args[0], torch.Tensor) else None
        is_fill = target is not None and getattr(func, "__name__", "").endswith("_")
        self.filled.append(target.untyped_storage().data_ptr() if is_fill and target is not None else 0)
        name = self.names[k] if self.names and k < len(self.names) else ""
        torch.manual_seed(zlib.crc32(f"{self.seed}/{name}".encode()))
        return func(*args, **(kwargs or {}))


def by_name(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Builds a model whose every parameter was drawn from the stream of (seed, its name)."""
    with torch.random.fork_rng(devices=[]):
        with Draws(seed) as first:
            model = build()
        home = {p.untyped_storage().data_ptr(): name for name, p in model.named_parameters()}
        names = [home.get(at, f"call {k}") for k, at in enumerate(first.filled)]
        with Draws(seed, names):
            return build()
