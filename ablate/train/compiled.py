"""The gradient of a batch as one compiled piece: when that pays, and one piece for all runs of a shape.

torch.compile's inductor writes C++ for a CPU and Triton for a GPU. What it compiled lies in a cache on disk
(TORCHINDUCTOR_CACHE_DIR), so that later processes load it within seconds.
"""

import logging
import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from ablate.train import gradient as plainly
from ablate.train.evaluate import autocast
from ablate.train.gradient import Gradient, How, judged
from ablate.train.graphed import Graphed

COMPILERS = ("c++", "g++", "clang++", "cl")
# A run that trains for so long without it is compiled. Compiling takes 24 to 44 s the first time and 3 s from the
# cache. It was seen to save nothing to 14 % (docs/speed.md), so below four minutes it costs more than it saves.
# The estimate is made from the run alone and never from what else the machine does: it is the same in every study.
PAYS_S, FLOPS_PER_S = 240.0, 75e9
Weights = dict[str, Tensor]
Piece = Callable[[nn.Module, Weights, Tensor, Tensor, How], tuple[Weights, Tensor, Tensor]]


def pays(wanted: str, device: torch.device, train_flops: float | None) -> bool:
    """Whether a run of so many FLOPs is compiled: `wanted` is on, off or auto.

    auto compiles long trainings on a CPU with a C++ compiler. On a GPU it does not: nothing was measured there.
    """
    if wanted != "auto":
        return wanted == "on"
    if device.type != "cpu" or train_flops is None or not any(map(shutil.which, COMPILERS)):
        return False
    return train_flops / FLOPS_PER_S >= PAYS_S


def whole(
    model: nn.Module, weights: Weights, images: Tensor, labels: Tensor, how: How
) -> tuple[Weights, Tensor, Tensor]:
    """`weights` are the trained ones by name -> their clipped gradient, the mean loss, how many were right."""

    def loss_of(weights: Weights) -> tuple[Tensor, Tensor]:
        with autocast(images.device, how.precision):
            logits = functional_call(model, weights, (images,)).float()
        return judged(logits, labels, how.label_smoothing)

    found, (loss, hits) = grad_and_value(loss_of, has_aux=True)(weights)
    if how.clip:
        norm = torch.stack([each.square().sum() for each in found.values()]).sum().sqrt()
        factor = (how.clip / (norm + 1e-6)).clamp(max=1.0)  # as clip_grad_norm_ does
        found = {name: each * factor for name, each in found.items()}
    return found, loss, hits


class Compiled:
    """A gradient that compiles itself at the first whole batch, and stays as it was where that cannot be.

    Batches of another size, such as the last of an epoch, take the plain way: each size would be compiled anew.
    """

    def __init__(self, batch: int, say: Callable[[str], None]) -> None:
        self.batch, self.say = batch, say
        self.piece: Piece | None = compiled()
        self.is_proven = False
        self.trained: Weights = {}  # by name, the very memory of the model's own

    def __call__(self, model: nn.Module, images: Tensor, labels: Tensor, how: How) -> tuple[Tensor, Tensor]:
        if self.piece is None or len(images) != self.batch:
            return plainly.gradient(model, images, labels, how)
        if not self.trained:
            self.trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
        before = None if self.is_proven else torch.get_rng_state()
        try:
            found, loss, hits = self.piece(model, self.trained, images, labels, how)
        except Exception as e:  # a part that the compiler cannot read, or no compiler that works
            if before is None:
                raise
            self.say(f"not compiled, trains all the same: {type(e).__name__}: {(str(e).splitlines() or [''])[0]}")
            torch.set_rng_state(before)
            self.piece = None
            return plainly.gradient(model, images, labels, how)
        self.is_proven = True
        for name, parameter in model.named_parameters():
            parameter.grad = found.get(name)
        return loss, hits


_pieces: list[Piece] = []


def compiled() -> Piece:
    """`whole`, compiled for each shape of model and batch that comes; shared by all runs of this process."""
    if not _pieces:
        # Many shapes in one process are what a study is; dynamo would give up after a few.
        torch._dynamo.config.cache_size_limit = torch._dynamo.config.accumulated_cache_size_limit = 10_000
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # it misses CUDA on every CPU
        _pieces.append(torch.compile(whole, fullgraph=True, dynamic=False))
    return _pieces[0]


def gradient(config: dict[str, Any], device: torch.device, train_flops: float | None, parts: int) -> Gradient:
    """The gradient of a run: compiled where that pays, if each batch goes through the model in one part.

    On a GPU its kernels, compiled or not, are started as one CUDA graph.
    """
    way: Gradient = plainly.gradient
    if parts == 1 and pays(config["compile"], device, train_flops):
        way = Compiled(config["batch"], say)
    return Graphed(config["batch"], say, way) if device.type == "cuda" else way


def say(line: str) -> None:
    print(line, flush=True)


def versions(way: Gradient) -> dict[str, str]:
    """For the record: compile is inductor or off and, on a GPU, graph is cuda or off."""
    inner = way.gradient if isinstance(way, Graphed) else way
    found = {"compile": "inductor" if isinstance(inner, Compiled) and inner.piece else "off"}
    return found | ({"graph": "cuda" if way.is_usable else "off"} if isinstance(way, Graphed) else {})
