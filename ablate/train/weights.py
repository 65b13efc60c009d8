"""Initial weights drawn by name: a tensor that two models have in common starts equal in both."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.overrides import TorchFunctionMode


def by_name(build: Callable[[], nn.Module], seed: int, stream: int = 0) -> nn.Module:
    """Builds a model on the CPU, each of whose parameters was drawn from the stream of (seed, its name).

    With another `stream` than 0 all are drawn anew, from (seed, stream, its name).

    A parameter has its full name only once the whole model stands. So the model is built twice: the first
    time shows which name the k-th parameter to be registered ends up with.
    """
    with torch.random.fork_rng(devices=[]):
        registered: list[Tensor] = []
        with on_registration(registered.append):
            model = build()
        final = {id(p): name for name, p in model.named_parameters()}
        names = iter([final.get(id(p), "") for p in registered])
        draws = Draws(f"{seed}/{stream}" if stream else str(seed))
        with on_registration(lambda p: draws.call(p, next(names))), draws:
            return build()


class Draws(TorchFunctionMode):
    """Starts the stream of a parameter when something is first filled in it in place.

    Numbers that are drawn without a parameter come from the stream of the last one, for example when a truncated
    normal draws again.
    """

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.seed, self.now = seed, ""
        self.names: dict[int, str] = {}

    def call(self, parameter: Tensor, name: str) -> None:
        self.names[parameter.untyped_storage().data_ptr()] = name

    def __torch_function__(self, func: Callable, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        target = args[0] if args else kwargs.get("tensor")  # torch.nn.init hands it on by name
        if isinstance(target, Tensor) and getattr(func, "__name__", "").endswith("_"):
            name = self.names.get(target.untyped_storage().data_ptr(), self.now)
            if name != self.now:
                self.now = name
                torch.default_generator.manual_seed(zlib.crc32(f"{self.seed}/{name}".encode()))
        return func(*args, **kwargs)


@contextmanager
def on_registration(see: Callable[[Tensor], None]) -> Iterator[None]:
    """Shows every parameter to `see` in the moment in which a module takes it."""

    def hook(module: nn.Module, name: str, parameter: Tensor | None) -> None:
        if parameter is not None:
            see(parameter)

    handle = register_module_parameter_registration_hook(hook)
    try:
        yield
    finally:
        handle.remove()
