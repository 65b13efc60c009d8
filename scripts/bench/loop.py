"""Training steps of one contender, in a process of its own -> a line of JSON. scripts/bench.py starts it.

    python scripts/bench/loop.py CONTENDER --patch 7 --batch 64 --depth 2 --seconds 5

CONTENDER: plain (a run of ours with compile=off), compiled (with compile=on), timm (its VisionTransformer of
equal size, fp32, tensors in memory), loader (the same fed by torchvision's MNIST and a DataLoader).
"""

import argparse
import json
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from hydra import compose, initialize_config_dir
from plain_timm import Digits, network, tensors
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms

from ablate import CONF
from ablate.config.hydra_versions import VERSION_BASE, instantiate
from ablate.config.plain import plain
from ablate.data.fetch import folder
from ablate.train import build, compiled, device

STEPS = 20  # between two looks at the clock
CPU = torch.device("cpu")


class Given(NamedTuple):
    patch: int
    batch: int
    depth: int


def ours(given: Given, is_compiled: bool) -> tuple[Callable[[], object], float]:
    """STEPS steps of our own loop, and the FLOPs of an image in training."""
    size = [
        f"patch='{given.patch}'",
        f"batch={given.batch}",
        f"model.depth={given.depth}",
        f"compile={'on' if is_compiled else 'off'}",
    ]
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        config = plain(compose("config", size), resolve=True)
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    part = data.load().train
    costs = build.costs(config, inputs.shape, data.classes, images=len(part.x))
    gradient = compiled.gradient(config, CPU, costs["train_flops"], 1)
    some = type(part)(part.x[: given.batch * STEPS], part.y[: given.batch * STEPS])
    fit = build.fit(
        config | {"epochs": 100_000},
        build.model(config, inputs.shape, data.classes),
        inputs,
        some,
        device.precision(config["precision"], CPU),
        1,
        lambda step, loss: None,
        lambda: None,
        gradient,
    )
    return fit.train_epoch, (costs["train_flops"] or 0) / len(part.x) / config["epochs"]


def timms(batches: Iterator[tuple[Tensor, Tensor]], given: Given) -> Callable[[], object]:
    """STEPS steps of a plain fp32 loop."""
    model = network("learned", "mean", given.patch, given.depth)
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


def in_memory(batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    x, y = tensors(train=True)
    while True:
        index = torch.randint(len(x), (batch,))
        yield x[index], y[index]


def loaded(batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    usual = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    digits = Digits(str(folder(None, "mnist")), train=True, transform=usual)
    while True:
        yield from DataLoader(digits, batch_size=batch, shuffle=True, drop_last=True)


def peak() -> float:
    """FLOP/s of a bf16 product of two matrices of 2048 x 2048, the best of 5."""
    a = torch.randn(2048, 2048, dtype=torch.bfloat16)
    times = []
    for _ in range(6):
        began = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - began)
    return 2 * 2048**3 / min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contender", choices=("plain", "compiled", "timm", "loader"))
    for name, value in (("patch", 7), ("batch", 64), ("depth", 2), ("threads", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--seconds", type=float, default=5.0)
    words = parser.parse_args()
    warnings.simplefilter("ignore")
    if words.threads:
        torch.set_num_threads(words.threads)
    given, flops = Given(words.patch, words.batch, words.depth), 0.0
    if words.contender in ("plain", "compiled"):
        loop, flops = ours(given, words.contender == "compiled")
    else:
        loop = timms((in_memory if words.contender == "timm" else loaded)(given.batch), given)
    began = time.perf_counter()
    loop()
    warm = time.perf_counter() - began
    loop()
    rounds, began, cpu = 0, time.perf_counter(), time.process_time()
    while (wall := time.perf_counter() - began) < words.seconds:
        loop()
        rounds += 1
    cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    images = rounds * STEPS * given.batch
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
    found = {
        "images_per_s": images / wall,
        "images_per_cpu_s": images / cpu,
        "first_s": warm,
        "peak_mb": memory,
    }
    if flops:
        found["share_of_peak"] = images / wall * flops / peak()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
