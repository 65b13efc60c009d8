"""Where a model keeps what is adapted when it takes the weights of another."""

from dataclasses import dataclass
from typing import Any

from torch import nn


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
