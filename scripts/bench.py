"""Training speed against timm's VisionTransformer of equal size.

    python scripts/bench.py [--rounds 7] [--batch 256] [--depth 6]

Width 64, 4 heads, GELU. All loops run in one process and take turns, so that a machine that slows down slows them
all; a figure is the median over the rounds with its range, warm-up left out. Nothing is recorded.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from hydra import compose, initialize_config_dir
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from ablate import CONF
from ablate.config.hydra_versions import VERSION_BASE, instantiate
from ablate.config.plain import plain
from ablate.data import Part
from ablate.data.fetch import folder
from ablate.train import build, device
from ablate.train.fit import Fit
from ablate.train.inputs import on_cpu

STEPS, WIDTH, HEADS = 10, 64, 4


class Size(NamedTuple):
    """What all loops have in common besides STEPS, WIDTH and HEADS."""

    batch: int
    depth: int


def ours(part: Part, patch: int, precision: str, size: Size) -> Callable[[], object]:
    """STEPS steps of our own loop: shifts, clipping and schedule included."""
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        cfg = compose(
            "config",
            [
                *(f"patch='{patch}'", f"model.dim={WIDTH}", f"model.heads={HEADS}"),
                *(f"model.depth={size.depth}", f"batch={size.batch}", "clip=1.0", "mlp=gelu"),
            ],
        )
    config = plain(cfg, resolve=True)
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    model = build.model(config, inputs.shape, data.classes)
    fit = Fit(
        model=model,
        optimizer=instantiate(config["optim"], _convert_="all")(model),
        schedule=instantiate(config["sched"]),
        inputs=inputs,
        x=part.x[: size.batch * STEPS],
        y=part.y[: size.batch * STEPS],
        epochs=1000,
        batch=size.batch,
        order=on_cpu(0, "order"),
        augmentation=on_cpu(0, "augmentation"),
        precision=device.precision(precision, torch.device("cpu")),
        clip=config["clip"],
        label_smoothing=0.0,
        accumulate=1,
        watch=lambda step, loss: None,
        pause=lambda: None,
    )
    return fit.train_epoch


def timms(batches: Iterator[tuple[Tensor, Tensor]], patch: int, size: Size) -> Callable[[], object]:
    """STEPS steps of a plain fp32 loop around timm's model of the same size."""
    model = VisionTransformer(
        img_size=28, patch_size=patch, in_chans=1, num_classes=10, class_token=False, global_pool="avg",
        embed_dim=WIDTH, depth=size.depth, num_heads=HEADS, fc_norm=False,
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def steps() -> None:
        for _ in range(STEPS):
            x, y = next(batches)
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    return steps


def in_memory(part: Part, size: Size) -> Iterator[tuple[Tensor, Tensor]]:
    x, y = (part.x.float() / 255 - 0.1307) / 0.3081, part.y
    while True:
        index = torch.randint(len(x), (size.batch,))
        yield x[index], y[index]


def loaded(size: Size) -> Iterator[tuple[Tensor, Tensor]]:
    """torchvision's MNIST through a DataLoader without workers, the usual transforms."""
    usual = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])

    class Digits(datasets.MNIST):
        raw_folder = property(lambda self: str(folder(None, "mnist")))

    digits = Digits(str(folder(None, "mnist")), train=True, transform=usual)
    while True:
        yield from DataLoader(digits, batch_size=size.batch, shuffle=True, drop_last=True)


def rates(loops: dict[str, Callable[[], object]], rounds: int, size: Size) -> dict[str, list[float]]:
    """Images/s of each loop in each round, in turn."""
    seen: dict[str, list[float]] = {name: [] for name in loops}
    for turn in range(rounds + 1):
        for name, loop in loops.items():
            began = time.perf_counter()
            loop()
            if turn:  # the first round warms up
                seen[name].append(size.batch * STEPS / (time.perf_counter() - began))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds, after one that warms up")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--depth", type=int, default=6)
    given = parser.parse_args()
    size = Size(given.batch, given.depth)
    warnings.simplefilter("ignore")
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        part = instantiate(plain(compose("config"), resolve=True)["data"]).load().train
    cpu = torch.device("cpu")
    print(f"{device.name(cpu)}, torch {torch.__version__}; auto is {device.precision('auto', cpu)}")
    print(f"n = {given.rounds}, batch {size.batch}, depth {size.depth}, width {WIDTH}, {HEADS} heads")
    for patch in (4, 7):
        loops = {
            "ours, precision=auto": ours(part, patch, "auto", size),
            "ours, precision=fp32": ours(part, patch, "fp32", size),
        }
        loops["timm, tensors"] = timms(in_memory(part, size), patch, size)
        loops["timm, DataLoader"] = timms(loaded(size), patch, size)
        seen = rates(loops, given.rounds, size)
        for name, values in seen.items():
            print(
                f"patch {patch}  {name:22}{statistics.median(values):8,.0f} images/s"
                f"  ({min(values):,.0f} to {max(values):,.0f})"
            )
        for mine in list(loops)[:2]:
            for other in list(loops)[2:]:
                ratio = [a / b for a, b in zip(seen[mine], seen[other], strict=True)]
                print(f"patch {patch}  {mine} / {other}: {statistics.median(ratio):.2f}x", end="")
                print(f"  ({min(ratio):.2f} to {max(ratio):.2f})")


if __name__ == "__main__":
    main()
