"""One cell of a study, built but not trained. Each fact is worked out when it is first needed."""

import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ablate.audit.answer import NotAsked
from ablate.config.hydra_versions import instantiate
from ablate.study.runs import Run
from ablate.train import build, count
from ablate.train.inputs import Inputs, on_cpu

IMAGES = 4  # batch norm needs two or more
SHAPING = ("model", "data", "color", "image", "seed", "init")  # keys that decide which weights there are
BLOCKS = "blocks"  # the name of the list of blocks, in our transformers and in timm's


@dataclass(frozen=True)
class Seen:
    """What goes into one block: how many tokens, of which width."""

    tokens: int
    width: int


class Built:
    """The parts of a run on the CPU in fp32, and what they do to the same few made-up images."""

    def __init__(self, run: Run) -> None:
        self.run, self.config = run, run.config

    @cached_property
    def data(self) -> Any:
        return instantiate(self.config["data"])

    @cached_property
    def inputs(self) -> Inputs:
        return build.inputs(self.config, self.data)

    @cached_property
    def stored(self) -> Tensor:
        """Random pixels in the shape of the data, (B, C, Y, X) uint8: no data set is read."""
        made = torch.Generator().manual_seed(0)
        return torch.randint(256, (IMAGES, *self.data.image), generator=made, dtype=torch.uint8)

    @cached_property
    def images(self) -> Tensor:
        return self.inputs(self.stored)

    @cached_property
    def augmented(self) -> Tensor:
        return self.inputs(self.stored, on_cpu(self.config["seed"], "augmentation"))

    @cached_property
    def mixed(self) -> Tensor:
        """The images as an augmentation mixes them, where it does."""
        mix = getattr(self.inputs.augment, "mix", None)
        labels = torch.eye(len(self.images))
        return mix(self.images, labels, on_cpu(self.config["seed"], "augmentation"))[0] if mix else self.images

    @cached_property
    def model(self) -> Any:
        """The module; Any, because a model of the user's own may have any attributes."""
        return build.filled(self.config, self.inputs.shape, self.data.classes)[0].eval()

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        return {name: p.detach() for name, p in self.model.named_parameters()}

    @cached_property
    def size(self) -> int:
        """How many numbers are trained; this takes no memory, however large the model is."""
        try:
            with torch.device("meta"):
                return count.size(build.factory(self.config, self.inputs.shape, self.data.classes)())
        except Exception:  # a part of it looks at values
            return count.size(self.model)

    def logits(self, values: dict[str, Tensor] | None = None, *, training: bool = False) -> Tensor:
        """What the model says of the images, (B, classes), with its own weights or with the `values` given."""
        model = copy.deepcopy(self.model).train(training)  # batch norm counts what it has seen in training
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            return functional_call(model, values or {}, (self.images,))

    @cached_property
    def seen(self) -> list[Seen]:
        """What goes into each block in evaluation; empty for a model that has none."""
        return self.watched(training=False)

    @cached_property
    def seen_in_training(self) -> list[Seen]:
        return self.watched(training=True)

    def watched(self, *, training: bool) -> list[Seen]:
        found: list[Seen] = []

        def look(_: nn.Module, args: tuple[Any, ...]) -> None:
            if args and isinstance(args[0], Tensor) and args[0].ndim == 3:
                found.append(Seen(args[0].shape[1], args[0].shape[2]))

        lists = [m for name, m in self.model.named_modules() if name.rpartition(".")[2] == BLOCKS]
        blocks = [block for m in lists[:1] for block in m.children()]
        hooks = [block.register_forward_pre_hook(look) for block in blocks]
        try:
            self.logits(training=training)  # on a copy: hooks are copied with it
        finally:
            for hook in hooks:
                hook.remove()
        return found

    def part(self, name: str) -> Any:
        """A part of the model by its name, None where the model has no such part."""
        try:
            return self.model.get_submodule(name)
        except AttributeError:
            return None

    def need(self, name: str) -> Any:
        """A part of the model by its name. Raises NotAsked where the model has no such part."""
        if (part := self.part(name)) is None:
            raise NotAsked(f"the model has no part called {name}")
        return part

    def need_blocks(self) -> list[Seen]:
        """What goes into each block. Raises NotAsked for a model without blocks."""
        if not self.seen:
            raise NotAsked(f"the model has no list of {BLOCKS}")
        return self.seen

    def call(self, name: str) -> tuple[tuple[Any, ...], Any]:
        """What a part is given in evaluation, and what it returns."""
        seen: list[tuple[tuple[Any, ...], Any]] = []
        handle = self.model.get_submodule(name).register_forward_hook(
            lambda _, args, out: seen.append((args, out))
        )
        try:
            self.logits()
        finally:
            handle.remove()
        return seen[0]
