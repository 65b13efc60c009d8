"""Training on a GPU: kernels started as one CUDA graph, that only the speed changes, and no wait for the GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny import TINY
from torch import nn

from ablate.axes.aug import Affine, Crop, Cutmix, Shift
from ablate.axes.optim import AdamW
from ablate.axes.sched import Cosine
from ablate.train import gradient
from ablate.train.fit import LOOK, Fit
from ablate.train.graphed import Graphed
from ablate.train.inputs import Inputs, on_cpu

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA"),
]


def net() -> nn.Module:
    """With running statistics, random numbers of its own and weights that are not trained."""
    torch.manual_seed(0)
    made = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.GELU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8 * 36, 5)
    )
    made[0].bias.requires_grad_(False)
    return made.cuda()


def training(way, *, augment=None, accumulate: int = 1, precision: str = "bf16", n: int = 70) -> Fit:
    g = torch.Generator().manual_seed(5)
    x = torch.randint(0, 256, (n, 1, 8, 8), dtype=torch.uint8, generator=g)
    y = (x.float().mean((1, 2, 3)) > 127).long()
    model = net()
    augment = augment or Shift(pixels=1)
    return Fit(
        model=model,
        optimizer=AdamW(model, lr=1e-2, weight_decay=0.1, betas=[0.9, 0.98]),
        schedule=Cosine(warmup=0.1),
        inputs=Inputs(
            image=(1, 8, 8),
            mean=0.3,
            std=0.5,
            color=nn.Identity(),
            channels=1,
            size=None,
            fit="pad",
            augment=augment,
        ),
        x=x.cuda(),
        y=y.cuda(),
        epochs=3,
        batch=16,
        order=on_cpu(0, "order"),
        augmentation=on_cpu(0, "augmentation"),
        precision=precision,
        clip=1.0,
        label_smoothing=0.1,
        accumulate=accumulate,
        watch=lambda step, loss: None,
        pause=lambda: None,
        gradient=way,
        mix=getattr(augment, "mix", None),
        classes=5,
    )


def whole(fit: Fit) -> list[tuple[float, float]]:
    """Trains to the end -> loss and accuracy of each epoch."""
    torch.cuda.manual_seed(3)
    rows = [fit.train_epoch() for _ in range(fit.epochs)]
    return [(row["train_loss"], row["train_acc"]) for row in rows]


def everything(fit: Fit) -> list[torch.Tensor]:
    return [each.detach().clone() for each in fit.model.state_dict().values()]


def graphed(said: list[str] | None = None) -> Graphed:
    return Graphed(16, (said if said is not None else []).append)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("accumulate", [1, 4])
@pytest.mark.parametrize("augment", [Shift(pixels=1), Cutmix(pixels=1, flip=True, alpha=1.0)])
def test_a_graph_changes_no_bit(precision, accumulate, augment):
    said: list[str] = []
    way = graphed(said)
    plain = training(gradient.gradient, precision=precision, accumulate=accumulate, augment=augment)
    fast = training(way, precision=precision, accumulate=accumulate, augment=augment)
    rows = whole(plain), whole(fast)
    assert (said, way.graph is not None) == ([], True)
    assert rows[0] == rows[1]
    assert all(map(torch.equal, everything(plain), everything(fast)))


class Enough(Exception):
    pass


def test_a_training_that_is_stopped_goes_on_to_the_same_bits():
    straight, part, rest = training(graphed()), training(graphed()), training(graphed())
    whole(straight)
    torch.cuda.manual_seed(3)
    part.train_epoch()

    def stop() -> None:
        if part.steps == 7:
            raise Enough

    part.pause = stop
    with pytest.raises(Enough):
        part.train_epoch()
    state = part.state()
    torch.cuda.manual_seed(77)
    rest.restore(state)
    while rest.epoch < 3:
        rest.train_epoch()
    assert all(map(torch.equal, everything(straight), everything(rest)))


class Looks(nn.Module):
    """A part that waits for the GPU, which no graph can hold."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (1 if x.sum().item() else 2)


def test_a_part_that_waits_for_the_gpu_trains_without_a_graph():
    said: list[str] = []
    way = graphed(said)
    fit, plain = training(way), training(gradient.gradient)
    for each in (fit, plain):
        each.model.append(Looks())
        whole(each)
    assert len(said) == 1
    assert said[0].startswith("no CUDA graph, trains all the same: ")
    assert not way.is_usable
    assert all(map(torch.equal, everything(plain), everything(fit)))


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
@pytest.mark.parametrize(
    "augment", [Shift(pixels=1), Crop(pixels=1, flip=True), Affine(degrees=5, pixels=1, scale=0.1)]
)
def test_a_step_never_waits_for_the_gpu(augment):
    fit = training(graphed(), augment=augment, n=16 * 2 * LOOK)
    fit.train_epoch()  # the recording waits
    torch.cuda.set_sync_debug_mode("error")
    try:
        batches = fit.batches()
        torch.cuda.set_sync_debug_mode("default")
        first = next(batches)  # the order of an epoch is sent once
        torch.cuda.set_sync_debug_mode("error")
        fit.step(*first)
        for images, labels in batches:
            fit.losses[fit.done], hits = fit.step(images, labels)
            fit.right += hits
            fit.done += 1
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert fit.done == 2 * LOOK - 1


def records(study: Path) -> dict[str, dict]:
    return {file.parent.name: json.loads(file.read_text()) for file in study.glob("*/record.json")}


@pytest.mark.slow
def test_runs_of_a_study_share_the_gpu_and_are_what_they_are_alone(tmp_path):
    words = [*TINY, "tracker=none", "seed=range(2)", "pos=none,learned"]
    command = [sys.executable, "-m", "ablate.train", "-m", *words]
    for name, more in (("alone", "1"), ("packed", "4")):
        more = [f"hydra.launcher.workers={more}", f"hydra.sweep.dir={tmp_path / name}"]
        subprocess.run([*command, *more], cwd=tmp_path, check=True, capture_output=True, text=True)
    alone, packed = records(tmp_path / "alone"), records(tmp_path / "packed")
    assert len(alone) == 4
    assert {key: one["metrics"] for key, one in alone.items()} == {
        key: one["metrics"] for key, one in packed.items()
    }
    assert {one["versions"]["graph"] for one in alone.values()} == {"cuda"}
    assert all(one["cost"]["peak_bytes"] > 0 for one in alone.values())
