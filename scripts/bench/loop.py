"""Training steps of one contender, in a process of its own -> a line of JSON. scripts/bench.py starts it.

    python scripts/bench/loop.py CONTENDER --patch 7 --batch 64 --depth 2 --seconds 5 [--device cuda] [--profile]

CONTENDER: plain (a run of ours with compile=off), compiled (with compile=on), eager (without the CUDA graph that a
run of ours has on a GPU), timm (its VisionTransformer of equal size, fp32, tensors in memory), autocast (the same
in bf16), loader (timm, fed by torchvision's MNIST and a DataLoader). --profile says instead what a step's time
goes to, by torch's profiler: the share of matrix products and those of the eight largest operations.
"""

import argparse
import json
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
from ablate.cost.measure import largest_bytes
from ablate.data.fetch import folder
from ablate.train import build, compiled, device, gradient

STEPS = 20  # between two looks at the clock
PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm")


class Given(NamedTuple):
    patch: int
    batch: int
    depth: int
    device: torch.device


def ours(given: Given, contender: str) -> tuple[Callable[[], object], float]:
    """STEPS steps of our own loop, and the FLOPs of an image in training."""
    is_compiled = contender == "compiled"
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
    part = data.load().to(given.device).train
    costs = build.costs(config, inputs.shape, data.classes, images=len(part.x))
    way = compiled.gradient(config, given.device, costs["train_flops"], 1)
    some = type(part)(part.x[: given.batch * STEPS], part.y[: given.batch * STEPS])
    fit = build.fit(
        config | {"epochs": 100_000},
        build.model(config, inputs.shape, data.classes).to(given.device),
        inputs,
        some,
        device.precision(config["precision"], given.device),
        1,
        lambda step, loss: None,
        lambda: None,
        gradient.gradient if contender == "eager" else way,
    )
    return fit.train_epoch, (costs["train_flops"] or 0) / len(part.x) / config["epochs"]


def timms(batches: Iterator[tuple[Tensor, Tensor]], given: Given, is_bf16: bool) -> Callable[[], object]:
    """STEPS steps of a plain loop."""
    model = network("learned", "mean", given.patch, given.depth).to(given.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def steps() -> None:
        for _ in range(STEPS):
            x, y = (each.to(given.device) for each in next(batches))
            with torch.autocast(given.device.type, torch.bfloat16, enabled=is_bf16):
                logits = model(x)
            loss = F.cross_entropy(logits.float(), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    return steps


def in_memory(given: Given) -> Iterator[tuple[Tensor, Tensor]]:
    x, y = (each.to(given.device) for each in tensors(train=True))
    while True:
        index = torch.randint(len(x), (given.batch,), device=given.device)
        yield x[index], y[index]


def loaded(given: Given) -> Iterator[tuple[Tensor, Tensor]]:
    usual = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    digits = Digits(str(folder(None, "mnist")), train=True, transform=usual)
    while True:
        yield from DataLoader(digits, batch_size=given.batch, shuffle=True, drop_last=True)


def steps(contender: str, given: Given) -> tuple[Callable[[], object], float]:
    """STEPS steps of a contender, and the FLOPs of an image in training where they are counted, else 0."""
    if contender in ("plain", "compiled", "eager"):
        device.settle(given.device, 0)
        return ours(given, contender)
    batches = (loaded if contender == "loader" else in_memory)(given)
    return timms(batches, given, contender == "autocast"), 0.0


def peak(precision: str) -> float:
    """FLOP/s of a product of two matrices of 2048 x 2048, in the number format of a run, the best of 5."""
    a = torch.randn(2048, 2048, dtype=torch.bfloat16 if precision == "bf16" else torch.float32)
    times = []
    for _ in range(6):
        began = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - began)
    return 2 * 2048**3 / min(times)


def profiled(loop: Callable[[], object]) -> dict[str, float]:
    """Shares of the processor's time; an operation's own, without those that it calls."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        loop()
    times = {each.key: each.self_cpu_time_total for each in seen.key_averages()}
    whole = sum(times.values())
    largest = sorted(times, key=lambda key: -times[key])[:8]
    shares = {"products": sum(times.get(key, 0) for key in PRODUCTS), **{key: times[key] for key in largest}}
    return {key: round(value / whole, 3) for key, value in shares.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contender", choices=("plain", "compiled", "eager", "timm", "autocast", "loader"))
    for name, value in (("patch", 7), ("batch", 64), ("depth", 2), ("threads", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--profile", action="store_true")
    words = parser.parse_args()
    if words.profile and words.device != "cpu":
        parser.error("--profile looks at the CPU's time; leave --device out")
    warnings.simplefilter("ignore")
    if words.threads:
        torch.set_num_threads(words.threads)
    given = Given(words.patch, words.batch, words.depth, torch.device(words.device))
    loop, flops = steps(words.contender, given)
    began = time.perf_counter()
    loop()
    warm = time.perf_counter() - began
    loop()
    if words.profile:
        print(json.dumps(profiled(loop)))
        return
    rounds, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < words.seconds:
        loop()
        rounds += 1
    if given.device.type == "cuda":
        torch.cuda.synchronize()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    images = rounds * STEPS * given.batch
    memory = largest_bytes() / 2**20
    found = {
        "images_per_s": images / wall,
        "images_per_cpu_s": images / cpu,
        "first_s": warm,
        "peak_mb": memory,
    }
    if flops and given.device.type == "cpu":
        found["share_of_peak"] = images / wall * flops / peak(device.precision("auto", given.device))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
