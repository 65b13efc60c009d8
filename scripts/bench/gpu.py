"""How fast on a GPU: training steps against timm's, and 16 runs at once against 16 one after the other.

    python scripts/bench/gpu.py [--rounds 3] [--seconds 2] [--contenders plain timm] [--workers 1 4 8 16]

Contenders are those of scripts/bench/loop.py and take turns; a figure is the median over the rounds with its
range. The 16 runs are pos x pool x 4 seeds of the default recipe at patch 7, for 5 epochs; seconds are of the
whole command.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import loop
import torch

from ablate.study.launch import machine

SETTINGS = [(4, 64, 2), (7, 64, 2), (4, 256, 6), (7, 256, 6)]  # patch, batch, depth
CONTENDERS = ["plain", "compiled", "eager", "timm", "autocast"]
STUDY = ["-m", "pos=none,learned", "pool=cls,mean", "seed=range(4)", "patch=7", "epochs=5", "tracker=none"]


def images_per_s(steps: Callable[[], object], batch: int, seconds: float) -> float:
    torch.cuda.synchronize()
    rounds, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        steps()
        rounds += 1
    torch.cuda.synchronize()
    return rounds * loop.STEPS * batch / (time.perf_counter() - began)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):9,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def runs(workers: int) -> None:
    with tempfile.TemporaryDirectory(prefix="ablate-bench-") as folder:
        words = [*STUDY, f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}/study"]
        began = time.perf_counter()
        command = [sys.executable, "-m", "ablate.train", *words]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        records = [
            json.loads(file.read_text(encoding="utf-8")) for file in Path(folder, "study").glob("*/record.json")
        ]
    n, each = len(records), statistics.median(one["cost"]["train_s"] for one in records)
    an_hour = f"{3600 * n / took:6,.0f} runs an hour, {each:.1f} s of training each"
    print(f"{n} runs, {workers:2} at once: {took:6.1f} s, {an_hour}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--contenders", nargs="*", default=CONTENDERS)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 4, 8, 16])
    given = parser.parse_args()
    name = torch.cuda.get_device_name()
    print(f"{name}, {machine.cores()} cores, torch {torch.__version__}, n = {given.rounds}", flush=True)
    for patch, batch, depth in SETTINGS:
        setting = loop.Given(patch, batch, depth, torch.device("cuda"))
        ready = {contender: loop.steps(contender, setting)[0] for contender in given.contenders}
        for steps in ready.values():
            steps()
        seen: dict[str, list[float]] = {contender: [] for contender in ready}
        for _ in range(given.rounds):
            for contender, steps in ready.items():
                seen[contender].append(images_per_s(steps, batch, given.seconds))
        for contender, values in seen.items():
            print(f"p{patch} batch {batch:3} depth {depth}  {contender:9} {spread(values)} images/s", flush=True)
    for workers in given.workers:
        runs(workers)


if __name__ == "__main__":
    main()
