"""Whether the arms of a study can be compared in pairs: same seeds, same order, same augmentation."""

import torch
from torch import Tensor, nn

from ablate.audit.arms import Arms
from ablate.audit.built import Built
from ablate.data import Part
from ablate.study.runs import Run
from ablate.train import build
from ablate.train.inputs import on_cpu

IMAGES = 64


def seed_faults(runs: list[Run], arms: list[Arms]) -> list[str]:
    """Axes whose arms have different seeds. A difference may then be due to the seeds."""
    found = []
    for axis in dict.fromkeys(pair.axis for pair in arms):
        seeds: dict[str, set[int]] = {}
        for run in runs:
            seeds.setdefault(run.cell[axis], set()).add(run.seed)
        if len({frozenset(s) for s in seeds.values()}) > 1:
            seeds_of = "; ".join(
                f"{axis}={choice} has {', '.join(map(str, sorted(s)))}" for choice, s in seeds.items()
            )
            found.append(f"{axis}: its arms have different seeds ({seeds_of})")
    return found


def draw_fault(cell: Built) -> str | None:
    """An augmentation that draws random numbers from elsewhere than the generator that all arms share."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = cell.inputs(cell.stored, on_cpu(cell.config["seed"], "augmentation"))
        torch.manual_seed(2)
        second = cell.inputs(cell.stored, on_cpu(cell.config["seed"], "augmentation"))
    if torch.equal(first, second):
        return None
    return (
        f"aug={cell.run.choices['aug']} ignores the generator that it is given, so no two arms see the same images"
    )


def order(cell: Built) -> Tensor:
    """In which order the training would take numbered images in its first epoch, (IMAGES,)."""
    fit = build.fit(
        cell.config,
        nn.Linear(1, 1),
        inputs=lambda x, generator: x,  # type: ignore[arg-type]
        train=Part(torch.zeros(IMAGES, 1), torch.arange(IMAGES)),
        precision="fp32",
        accumulate=1,
        watch=lambda step, loss: None,
        pause=lambda: None,
    )
    return torch.cat([labels for _, labels in fit.batches()])
