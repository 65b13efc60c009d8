"""One cell measured in a process of its own: `python -m ablate.cost.measure` on {config, seconds} from stdin.

The cell is trained on random images by the loop of ablate.train itself. The steps before the clock starts are left
out. The last line printed is a JSON object with images_per_s, peak_bytes, steps and device.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from ablate.config import leaving
from ablate.config.hydra_versions import instantiate
from ablate.data import Part
from ablate.train import build, device
from ablate.train.fit import Fit

BATCHES = 4  # of random images in memory, taken again and again
WARM_UP = (2, 0.5)  # at least so many steps, and so many seconds
STEPS = 3  # at least so many on the clock


def measure(config: dict, seconds: float) -> dict[str, Any]:
    where = device.pick(config["device"])
    precision = device.precision(config["precision"], where)
    device.settle(where, config["seed"])
    data = instantiate(config["data"])
    inputs = build.inputs(config, data)
    shape = (config["batch"] * BATCHES, *data.image)
    images = torch.randint(256, shape, dtype=torch.uint8)
    labels = torch.randint(data.classes, shape[:1])
    torch.zeros(1, requires_grad=True).sum().backward()  # starts autograd's threads before memory is looked at
    before = settled_bytes()
    model = build.model(config, inputs.shape, data.classes).to(where)
    train = Part(images, labels).to(where)
    fit = build.fit(config, model, inputs, train, precision, 1, lambda step, loss: None, lambda: None)
    steps = endless(fit)
    run(fit, steps, where, *WARM_UP)
    count, took = run(fit, steps, where, STEPS, seconds)
    peak = device.peak_bytes(where)
    return {
        "images_per_s": count * config["batch"] / took,
        "peak_bytes": peak if peak is not None else largest_bytes() - before,
        "steps": count,
        "device": device.name(where),
        "precision": precision,
    }


def endless(fit: Fit) -> Iterator[Any]:
    while True:
        yield from fit.batches()


def run(fit: Fit, steps: Iterator[Any], where: torch.device, least: int, seconds: float) -> tuple[int, float]:
    """Trains until both numbers are reached -> (steps, seconds)."""
    fit.model.train()
    began, count = time.perf_counter(), 0
    while count < least or time.perf_counter() - began < seconds:
        fit.step(*next(steps))
        count += 1
        if where.type == "cuda":
            torch.cuda.synchronize(where)
    return count, time.perf_counter() - began


def settled_bytes() -> int:
    """Bytes resident now. On Linux this also resets the largest number so far, so that imports do not count."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
        return status_bytes("VmRSS")
    except OSError:
        return largest_bytes()


def largest_bytes() -> int:
    """The most bytes that were resident at once: VmHWM on Linux, getrusage elsewhere."""
    try:
        return status_bytes("VmHWM")
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def status_bytes(key: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {key} here")


def main() -> None:
    asked = json.load(sys.stdin)
    print(json.dumps(measure(asked["config"], asked["seconds"])))


if __name__ == "__main__":
    leaving.at_once(main)
