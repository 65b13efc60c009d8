"""A model filled with the weights of another: which tensors fit, which are adapted, and which stay as drawn."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ablate.train import adapt
from ablate.train.adapt import Stem
from ablate.train.fits import Source, by, check_fits, check_kernel, check_size, other_shape, without_other_mlps
from ablate.train.places import Places, places

Head = Literal["new", "keep"]
SHOWN = 3  # names in a line


@dataclass(frozen=True)
class Filled:
    """What became of a model: names of its tensors, and of the source's that no tensor took (`left_out`)."""

    source: str
    loaded: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()  # `pos.table 14x14 to 8x8`
    new: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def line(self) -> str:
        count = f"{len(self.loaded)} tensors loaded"
        adapted = f"; adapted: {', '.join(self.adapted)}" if self.adapted else ""
        new = f"; new: {shown(self.new)}" if self.new else ""
        left = f"; left out: {shown(self.left_out)}" if self.left_out else ""
        return f"init: {self.source}: {count}{adapted}{new}{left}"

    def facts(self) -> dict[str, Any]:
        """For the record."""
        lists = {key: list(getattr(self, key)) for key in ("adapted", "new", "left_out")}
        return {"source": self.source, "loaded": len(self.loaded), **lists}


def fitted(model: nn.Module, source: Source, *, head: Head, stem: Stem) -> tuple[dict[str, Tensor], Filled]:
    """The tensors of `source` in the shapes of the model, and what was done. Raises ValueError, one line.

    The model may be on the meta device: then only the shapes are right.
    """
    at, wanted = places(model), {name: drawn(tensor) for name, tensor in model.state_dict().items()}
    given = dict(source.tensors)
    check_size(model, source, given)
    check_kernel(model, source, at)
    if head == "new":
        given = {name: tensor for name, tensor in given.items() if not name.startswith(at.head)}
    elif not any(name.startswith(at.head) for name in given):
        raise ValueError(f"init.head=keep: {source.title} has no head; init.head=new does")
    given = without_other_mlps(given, wanted)
    state: dict[str, Tensor] = {}
    adapted: list[str] = []
    if source.table is not None and at.table is not None:
        now = wanted[at.table]
        new = adapt.table(source.table, now.view(now.shape[-2:]), cls=at.cls, registers=at.registers, grid=at.grid)
        state[at.table] = new.view(now.shape)
        if len(source.table.patches) != at.grid[0] * at.grid[1] or source.table.grid != at.grid:
            adapted.append(f"{at.table} {by(source.table.grid)} to {by(at.grid)}")
    for name, tensor in given.items():
        if name not in wanted or name in state:
            continue
        if name == at.kernel and tensor.ndim == 4:
            state[name] = kernel(tensor, at, stem, source.title).reshape(wanted[name].shape)
            if tensor.shape[1:] != (at.channels, at.side, at.side):
                here = (at.channels, at.side, at.side)
                adapted.append(f"{name} {by(tensor.shape[1:])} to {by(here)}")
        elif tensor.shape == wanted[name].shape:
            state[name] = tensor
        else:
            raise ValueError(other_shape(source.title, name, tensor, wanted[name], name.startswith(at.head)))
    check_fits(model, state, at, source, wanted)
    names = {text.split(" ")[0] for text in adapted}
    done = Filled(
        source=source.title,
        loaded=tuple(name for name in state if name not in names),
        adapted=tuple(adapted),
        new=tuple(name for name, _ in model.named_parameters() if name not in state),
        left_out=tuple(
            sorted({*source.tensors, *(["positions"] if source.table else [])} - {*state} - has(at, state))
        ),
    )
    return state, done


def has(at: Places, state: dict[str, Tensor]) -> set[str]:
    return {"positions"} if at.table in state else set()


def drawn(tensor: Tensor) -> Tensor:
    return torch.zeros(tensor.shape) if tensor.is_meta else tensor


def kernel(old: Tensor, at: Places, stem: Stem, title: str) -> Tensor:
    try:
        return adapt.kernel(old, side=at.side, channels=at.channels, stem=stem)
    except ValueError as e:
        raise ValueError(f"{title}: {e}") from e


def shown(names: tuple[str, ...]) -> str:
    """`pool, head`: names without weight and bias, the first few of them."""
    parts = list(dict.fromkeys(name.removesuffix(".weight").removesuffix(".bias") for name in names))
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    return f"{', '.join(parts[:SHOWN])}{more}"
