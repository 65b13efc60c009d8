"""Whether trained weights can go into a model at all; if not, one line that says what would work."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ablate.train.adapt import Table, blocks_of
from ablate.train.places import Places


@dataclass(frozen=True)
class Source:
    """Trained weights in the words of the model that takes them; patch kernels (D, C, S, S), positions apart."""

    title: str
    tensors: dict[str, Tensor]
    table: Table | None = None
    heads: int | None = None


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
