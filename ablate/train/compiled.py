"""A step's forward and backward pass as one compiled piece: when it pays, and one piece for all runs of a shape.

torch.compile's inductor writes C++ for a CPU and Triton for a GPU. What it compiled lies in a cache on disk
(environment.py in study.launch), so that later processes load it within seconds.
"""

import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ablate.train import fit
from ablate.train.fit import Forward

COMPILERS = ("c++", "g++", "clang++", "cl")
# A run that would train for so long without it is compiled: docs/speed.md has the seconds that compiling takes and
# the share that it saves. The estimate knows the run and not the machine's load, so it is the same in every study.
PAYS_S, FLOPS_PER_S = 60.0, 50e9


def pays(wanted: str, device: torch.device, train_flops: float | None) -> bool:
    """Whether a run of so many FLOPs is compiled: `wanted` is on, off or auto.

    auto compiles long trainings on a CPU with a C++ compiler. On a GPU it does not: nothing was measured there.
    """
    if wanted != "auto":
        return wanted == "on"
    if device.type != "cpu" or train_flops is None or not any(map(shutil.which, COMPILERS)):
        return False
    return train_flops / FLOPS_PER_S >= PAYS_S


class Compiled:
    """A forward pass that compiles itself at the first whole batch, and stays as it was where that cannot be.

    Batches of another size, such as the last of an epoch, take the plain way: each size would be compiled anew.
    """

    def __init__(self, plain: Forward, batch: int, say: Callable[[str], None]) -> None:
        self.plain, self.batch, self.say = plain, batch, say
        self.fast: Forward | None = compiled(plain)
        self.is_proven = False

    def __call__(self, model: nn.Module, images: Tensor, labels: Tensor, *rest: Any) -> tuple[Tensor, Tensor]:
        if self.fast is None or len(images) != self.batch:
            return self.plain(model, images, labels, *rest)
        if self.is_proven:
            return self.fast(model, images, labels, *rest)
        before = torch.get_rng_state()
        try:
            found = self.fast(model, images, labels, *rest)
        except Exception as e:  # a part that the compiler cannot read, or no compiler that works
            self.say(f"not compiled, trains all the same: {type(e).__name__}: {(str(e).splitlines() or [''])[0]}")
            torch.set_rng_state(before)
            self.fast = None
            return self.plain(model, images, labels, *rest)
        self.is_proven = True
        return found


_pieces: dict[Forward, Forward] = {}


def compiled(plain: Forward) -> Forward:
    """The function, compiled for each shape of model and batch that comes; shared by all runs of this process."""
    if plain not in _pieces:
        # Many shapes in one process are what a study is; dynamo would give up after a few.
        torch._dynamo.config.cache_size_limit = torch._dynamo.config.accumulated_cache_size_limit = 10_000
        _pieces[plain] = torch.compile(plain, fullgraph=True, dynamic=False)
    return _pieces[plain]


def forward(config: dict[str, Any], device: torch.device, train_flops: float | None, parts: int) -> Forward:
    """The forward pass of a run: compiled where that pays, if each batch goes through the model in one part."""
    if parts > 1 or not pays(config["compile"], device, train_flops):
        return fit.forward
    return Compiled(fit.forward, config["batch"], lambda line: print(line, flush=True))


def name(way: Forward) -> str:
    """For the record: inductor, or off."""
    return "inductor" if isinstance(way, Compiled) and way.fast else "off"
