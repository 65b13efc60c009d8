"""Where the first weights of a model come from: drawn, of a finished run of ours, or timm's pretrained ones."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ablate.records.finished import finished
from ablate.train import fill, hub, timm_names, weights_file
from ablate.train.adapt import Stem, Table
from ablate.train.fill import Filled, Head
from ablate.train.fits import Source

FINISHED = "a finished run does: init.path=runs/STUDY/RUN"


class Scratch:
    """Every weight is drawn from the seed. `path` is not read, but may be given: both can be arms then."""

    stream = 0  # of the seed's draws; others are for arms that differ in nothing else

    def __init__(self, *, path: str | None = None) -> None:
        self.path = path

    def digest(self, name: str | None) -> str | None:
        """Of the weights that a model called `name` takes; None where all are drawn."""
        return None

    def fitted(self, model: nn.Module) -> tuple[dict[str, Tensor], Filled | None]:
        return {}, None


class Redrawn(Scratch):
    """Every weight is drawn from the seed, in a stream of its own: an arm of `+aa=a,b,c`, which changes nothing.

    Order and augmentation stay those of the seed, as they do between the arms of any axis.
    """

    def __init__(self, *, path: str | None = None, stream: int) -> None:
        super().__init__(path=path)
        self.stream = stream


class Trained(Scratch):
    """What choices with trained weights have in common."""

    def __init__(self, *, path: str | None, head: Head, stem: Stem) -> None:
        super().__init__(path=path)
        self.head, self.stem = head, stem

    def source(self, model: nn.Module) -> Source:
        raise NotImplementedError

    def fitted(self, model: nn.Module) -> tuple[dict[str, Tensor], Filled | None]:
        """The tensors to load into the model, and what was done to make them fit. ValueError if they do not."""
        return fill.fitted(model, self.source(model), head=self.head, stem=self.stem)


class Checkpoint(Trained):
    """The weights of a finished run of ours, in the folder `path`, as its record describes them."""

    def __init__(self, *, path: str | None, head: Head, stem: Stem) -> None:
        super().__init__(path=path, head=head, stem=stem)

    @cached_property
    def run(self) -> tuple[dict[str, Any], dict[str, Tensor], str]:
        """Its config, its weights and their digest."""
        typed = f"init.path={self.path}"
        if self.path is None:
            raise ValueError(f"init=checkpoint needs init.path; {FINISHED}")
        folder = Path(self.path).expanduser().absolute()
        folder = folder.parent if folder.name == "weights.pt" else folder
        if not folder.is_dir():
            raise ValueError(f"{typed}: no such folder; {FINISHED}")
        found = finished(folder, typed, FINISHED)
        tensors, digest = weights_file.read(str(folder / "weights.pt"), typed)
        return found.config, tensors, digest

    def digest(self, name: str | None) -> str | None:
        return self.run[2]

    def source(self, model: nn.Module) -> Source:
        config, tensors, _ = self.run
        title, state = f"run {Path(str(self.path)).name}", dict(tensors)
        if all(name.startswith("net.") for name in state):
            theirs = {name.removeprefix("net."): tensor for name, tensor in state.items()}
            return Source(
                title, {n: t for n, t in state.items() if n != "net.pos_embed"}, timm_names.positions(theirs)
            )
        rows = state.pop("pos.table", None)
        width = len(state["head.weight"][0]) if "head.weight" in state else None
        heads = (config.get("model") or {}).get("heads")
        found = of_ours(rows, state) if rows is not None and rows.shape[1] == width else None
        if found is None and rows is not None:
            state["pos.table"] = rows  # numbers of a head and an offset (pos=relative), for the same grid only
        return Source(title, squared(state, config.get("patch") or {}), found, heads)


class Timm(Trained):
    """timm's weights for its model `name`: from the file `path`, or from the hub by the hub's own client.

    A file says nothing of heads; they are checked where there is a name too.
    """

    def __init__(self, *, name: str | None, path: str | None, head: Head, stem: Stem) -> None:
        super().__init__(path=path, head=head, stem=stem)
        self.name = name

    def weights(self, name: str | None) -> tuple[dict[str, Tensor], str]:
        if self.path is not None:
            return weights_file.read(self.path, f"init.path={self.path}")
        if name is None:
            raise ValueError(
                "init=timm needs init.name, such as init.name=vit_tiny_patch16_224, or init.path=FILE"
            )
        return weights_file.read(str(hub.weights_of(name)), f"init.name={name}")

    def digest(self, name: str | None) -> str | None:
        return self.weights(self.name or name)[1]

    def source(self, model: nn.Module) -> Source:
        theirs = isinstance(getattr(model, "net", None), nn.Module)
        name = self.name or (getattr(model, "name", None) if theirs else None)
        if not theirs and name is None and self.path is None:
            raise ValueError("init=timm: our ViT needs init.name, such as init.name=vit_tiny_patch16_224")
        heads = None if theirs or name is None else timm_names.heads_of(name)
        tensors, _ = self.weights(name)
        title = f"init.name={name}" if self.path is None else f"init.path={self.path}"
        if not theirs:
            state, table = timm_names.ours(tensors, title)
            return Source(title, state, table, heads)
        state = {f"net.{key}": tensor for key, tensor in tensors.items() if key != "pos_embed"}
        return Source(title, state, timm_names.positions(tensors) if is_table(tensors) else None)


def is_table(tensors: dict[str, Tensor]) -> bool:
    return "pos_embed" in tensors and tensors["pos_embed"].ndim == 3


def of_ours(rows: Tensor, state: dict[str, Tensor]) -> Table:
    """The rows of our table (P + N, D): CLS if there is one, registers, patches."""
    cls, registers = int("pool.token" in state), sum(name.startswith("registers.") for name in state)
    return Table(rows[0] if cls else None, rows[cls : cls + registers], rows[cls + registers :])


def squared(state: dict[str, Tensor], patch: dict[str, Any]) -> dict[str, Tensor]:
    """With the patch kernel as (D, C, S, S) where it is one: S of `patch`, the part of the run's config."""
    weight, size = state.get("patch.proj.weight"), patch.get("size")
    kind = str(patch.get("_target_")).rpartition(".")[2]
    side = {"Patch": size, "Overlap": 2 * (size or 0) - 1}.get(kind)
    if weight is None or not side or weight.shape[1] % side**2:
        return state
    return state | {"patch.proj.weight": weight.reshape(len(weight), -1, side, side)}


def check(build: Callable[[], nn.Module], start: Scratch) -> None:
    """Raises ValueError if the weights do not fit the model; nothing is computed where that can be."""
    if type(start) is Scratch:
        return
    try:
        with torch.device("meta"):
            model = build()
    except Exception:  # a part that looks at values; it is built as it is
        model = build()
    start.fitted(model)


def fill_model(model: nn.Module, start: Scratch) -> Filled | None:
    """Loads what there is into a model -> what was done, None for a model that is as drawn."""
    state, done = start.fitted(model)
    if done is not None:
        with torch.no_grad():
            model.load_state_dict(state, strict=False)
    return done
