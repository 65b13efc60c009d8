"""A model filled with the weights of another: which tensors fit, which are adapted, and which stay as drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ablate.train import adapt
from ablate.train.adapt import Stem, Table, blocks_of

Head = Literal["new", "keep"]
SHOWN = 3  # names in a line


@dataclass(frozen=True)
class Source:
    """Trained weights in the words of the model that takes them; patch kernels (D, C, S, S), positions apart."""

    title: str
    tensors: dict[str, Tensor]
    table: Table | None = None
    heads: int | None = None


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


@dataclass(frozen=True)
class Places:
    """Where a model keeps what is adapted: names in its state, None where it has no such thing."""

    head: tuple[str, ...]
    table: str | None
    kernel: str | None
    cls: bool = False
    registers: int = 0
    grid: tuple[int, int] = (0, 0)
    side: int = 0
    channels: int = 0


def places(model: nn.Module) -> Places:
    net = getattr(model, "net", None)
    return of_timm(net) if isinstance(net, nn.Module) else of_ours(model)


def of_ours(model: Any) -> Places:
    learned = dict(model.named_parameters()).get("pos.table")
    is_table = learned is not None and tuple(learned.shape) == (model.tokens, model.head.in_features)
    side = getattr(model.patch, "size", None) or 2 * getattr(model.patch, "step", 0) - 1
    width = model.patch.proj.in_features if side > 0 else 0
    return Places(
        head=("head.",),
        table="pos.table" if is_table else None,
        kernel="patch.proj.weight" if side > 0 else None,
        cls=bool(model.pool.prefix),
        registers=len(model.registers),
        grid=model.patch.grid,
        side=side,
        channels=width // max(1, side) ** 2,
    )


def of_timm(net: Any) -> Places:
    config = net.pretrained_cfg
    heads, first = (config.get(key) or () for key in ("classifier", "first_conv"))
    first = first if isinstance(first, str) else next(iter(first), "")
    state = net.state_dict()
    kernel = state.get(f"{first}.weight")
    positions, patches = state.get("pos_embed"), getattr(net, "patch_embed", None)
    is_table = positions is not None and positions.ndim == 3 and hasattr(patches, "grid_size")
    down, across = patches.grid_size if is_table and patches else (0, 0)
    prefix = positions.shape[1] - down * across if is_table and positions is not None else 0
    has_cls = getattr(net, "cls_token", None) is not None and prefix > 0
    return Places(
        head=tuple(f"net.{name}." for name in ([heads] if isinstance(heads, str) else heads)),
        table="net.pos_embed" if is_table else None,
        kernel=f"net.{first}.weight" if kernel is not None else None,
        cls=has_cls,
        registers=prefix - int(has_cls),
        grid=(down, across),
        side=kernel.shape[-1] if kernel is not None else 0,
        channels=kernel.shape[1] if kernel is not None else 0,
    )


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


def check_size(model: Any, source: Source, given: dict[str, Tensor]) -> None:
    """Raises ValueError where a ViT of ours has another width, heads or more blocks than the source."""
    if hasattr(model, "net") or not (depth := blocks_of(set(given))):
        return
    here = {"model.dim": model.head.in_features, "model.depth": len(model.blocks)}
    norm = given.get("blocks.0.norm1.weight")
    there = {"model.dim": here["model.dim"] if norm is None else len(norm), "model.depth": depth}
    if source.heads is not None:
        here["model.heads"], there["model.heads"] = getattr(model.blocks[0].attn, "heads", None), source.heads
    fits = all(here[key] == there[key] for key in here if key != "model.depth")
    if not fits or here["model.depth"] > depth:
        says = " ".join(f"{key}={value}" for key, value in here.items())
        does = " ".join(f"{key}={value}" for key, value in there.items())
        raise ValueError(f"{source.title}: its weights do not fit {says}; {does} does")


def without_other_mlps(given: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without MLPs of another kind: half of one is none."""

    def maps(names: Iterable[str]) -> set[str]:
        return {name.split(".", 2)[2] for name in names if name.startswith("blocks.") and ".mlp." in name}

    if maps(given) == maps(wanted):
        return given
    return {name: tensor for name, tensor in given.items() if not (name.startswith("blocks.") and ".mlp." in name)}


def check_kernel(model: nn.Module, source: Source, at: Places) -> None:
    """Raises ValueError where patches cannot be resampled, because the model has none of pixels."""
    if at.kernel is None and any(tensor.ndim == 4 for name, tensor in source.tensors.items() if "patch" in name):
        kind = type(getattr(model, "patch", model)).__name__.lower()
        raise ValueError(
            f"{source.title}: its patches are no weights for patch={kind}; 4, 7 or overlap can take them"
        )


def check_fits(model: nn.Module, state: dict[str, Tensor], at: Places, source: Source, wanted: dict) -> None:
    """Raises ValueError where the weights are of another model."""
    body = [name for name in wanted if not name.startswith(at.head)]
    there = sum(name in state for name in body)
    attention = [name for name in body if ".attn." in name and not hasattr(model, "net")]
    if 2 * there < len(body) or not all(name in state for name in attention):
        what = f"{there} of {len(body)} tensors fit"
        raise ValueError(
            f"{source.title}: weights of another model ({what}); init.name and model must go together"
        )


def other_shape(title: str, name: str, there: Tensor, here: Tensor, is_head: bool) -> str:
    line = f"{title}: {name} is {by(there.shape)} there and {by(here.shape)} in this model"
    return f"{line}; init.head=new draws a new one" if is_head else f"{line}; weights of the same size do"


def by(sizes: Iterable[int]) -> str:
    return "x".join(map(str, sizes))


def shown(names: tuple[str, ...]) -> str:
    """`pool, head`: names without weight and bias, the first few of them."""
    parts = list(dict.fromkeys(name.removesuffix(".weight").removesuffix(".bias") for name in names))
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    return f"{', '.join(parts[:SHOWN])}{more}"
