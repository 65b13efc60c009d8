"""How fast: one run against timm in a plain loop, and a study against the same trainings one script each.

    python scripts/bench.py [loop] [lone] [study] [--rounds 3] [--old CHECKOUT] [--json FILE]

loop   images/s of training steps, ours and timm's, at patch 4 and 7, in a small and a larger setting
lone   a lone run of ablate.train on a quiet machine, and while another process keeps one core busy
study  12 runs (pos x pool x 2 seeds, patch 7, 2 epochs): ours, ours with one core busy, 12 processes of
       scripts/bench/plain_timm.py, and with --old the same study with another checkout of this project

Contenders take turns, each in a process of its own; a figure is the median over the rounds with its range. Nothing
else should run: the load of the machine is printed. All three parts take about an hour on two cores.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ablate.config.output import forgiving
from ablate.study.launch import environment, machine

HERE = Path(__file__).resolve().parent
SETTINGS = [(4, 64, 2), (7, 64, 2), (4, 256, 6), (7, 256, 6)]  # patch, batch, depth
ARMS = [
    (pos, pool, seed) for pos in ("none", "learned", "sinusoidal") for pool in ("cls", "mean") for seed in (0, 1)
]
STUDY = ["-m", "pos=none,learned,sinusoidal", "pool=cls,mean", "seed=0,1", "patch=7", "epochs=2", "tracker=none"]
LONE = ["patch=7", "epochs=2", "tracker=none"]
STEPS = 20  # of the first look at the clock in scripts/bench/loop.py
Times = dict[str, list[float]]


def plain_environment() -> dict[str, str]:
    """As a user has it who has set nothing."""
    ours = {*environment.settings(), "OMP_NUM_THREADS"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def loop(
    contender: str, setting: tuple[int, int, int], environ: Mapping[str, str], threads: int
) -> dict[str, Any]:
    patch, batch, depth = setting
    words = ["--patch", str(patch), "--batch", str(batch), "--depth", str(depth), "--threads", str(threads)]
    command = [sys.executable, str(HERE / "bench" / "loop.py"), contender, *words]
    said = subprocess.run(command, env=environ, capture_output=True, encoding="utf-8", check=True)
    return json.loads(said.stdout.splitlines()[-1])


def loops(rounds: int) -> list[dict[str, Any]]:
    """A row for each setting and contender."""
    cache = tempfile.TemporaryDirectory(prefix="ablate-bench-")
    tuned = {**plain_environment(), **environment.settings(), "TORCHINDUCTOR_CACHE_DIR": cache.name}
    cores = machine.cores()
    contenders: dict[str, tuple[str, Mapping[str, str], int]] = {
        "ours, plain malloc": ("plain", plain_environment(), 1),
        "ours, compile=off": ("plain", tuned, 1),
        "ours, compile=on": ("compiled", tuned, 1),
        "timm, 1 thread": ("timm", plain_environment(), 1),
        f"timm, {cores} threads": ("timm", plain_environment(), cores),
        "timm, DataLoader": ("loader", plain_environment(), cores),
    }
    rows = []
    for setting in SETTINGS:
        cold = loop("compiled", setting, tuned, 1)["first_s"]  # what is compiled lies on disk from here on
        print(f"first {STEPS} steps, compiled for the first time: {cold:.1f} s", flush=True)
        seen: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, (contender, environ, threads) in contenders.items():
                seen[name].append(loop(contender, setting, environ, threads))
        for name, found in seen.items():
            values = {key: [one[key] for one in found] for key in found[0]}
            against = {
                f"over {other}": [
                    a["images_per_s"] / b["images_per_s"] for a, b in zip(found, theirs, strict=True)
                ]
                for other, theirs in seen.items()
                if name.startswith("ours") and other.startswith("timm")
            }
            rows.append(
                {"patch": setting[0], "batch": setting[1], "depth": setting[2], "who": name} | values | against
            )
            if name.endswith("compile=on"):
                rows[-1]["cold_first_s"] = [cold]
            print(row_of_loop(rows[-1]), flush=True)
    cache.cleanup()
    return rows


def row_of_loop(row: dict[str, Any]) -> str:
    head = f"p{row['patch']} batch {row['batch']:3} depth {row['depth']}  {row['who']:18}"
    text = f"{head} {spread(row['images_per_s'], ',.0f')} images/s, {statistics.median(row['peak_mb']):,.0f} MB"
    if "share_of_peak" in row:
        text += f"  {statistics.median(row['share_of_peak']):.0%} of the matrix peak"
    text += f"  first {STEPS} steps {statistics.median(row['first_s']):.1f} s"
    return text + "".join(
        f"\n  {key}: {spread(value, '.2f')}x" for key, value in row.items() if key.startswith("over ")
    )


def spread(values: list[float], form: str) -> str:
    """Median and range."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


@contextmanager
def busy() -> Iterator[None]:
    """One core is kept busy by a process of its own."""
    spin = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        spin.kill()
        spin.wait()


def seconds(work: Callable[[Path], None]) -> float:
    """Wall clock of work in a fresh folder."""
    place = Path(tempfile.mkdtemp(prefix="ablate-bench-"))
    began = time.perf_counter()
    try:
        work(place)
        return time.perf_counter() - began
    finally:
        shutil.rmtree(place)


def ablate(words: list[str], python: str | Path = sys.executable) -> Callable[[Path], None]:
    def work(place: Path) -> None:
        command = [str(python), "-m", "ablate.train", *words]
        subprocess.run(command, cwd=place, env=plain_environment(), check=True, stdout=subprocess.DEVNULL)

    return work


def scripts(place: Path) -> None:
    """The same trainings, a plain script each, one after the other."""
    for pos, pool, seed in ARMS:
        words = ["--pos", pos, "--pool", pool, "--seed", str(seed), "--epochs", "2", "--patch", "7"]
        command = [sys.executable, str(HERE / "bench" / "plain_timm.py"), *words]
        subprocess.run(command, cwd=place, env=plain_environment(), check=True, stdout=subprocess.DEVNULL)


def with_busy_core(work: Callable[[Path], None]) -> Callable[[Path], None]:
    def disturbed(place: Path) -> None:
        with busy():
            work(place)

    return disturbed


def timed(contenders: dict[str, Callable[[Path], None]], rounds: int) -> Times:
    """Seconds of each contender in each round, in turn; a line each once all are done."""
    seen: Times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            seen[name].append(seconds(work))
    first = next(iter(seen))
    for name, values in seen.items():
        ratio = [a / b for a, b in zip(values, seen[first], strict=True)]
        print(f"{name:34} {spread(values, '.1f')} s  {spread(ratio, '.2f')}x the first", flush=True)
    return seen


def studies(rounds: int, old: Path | None) -> Times:
    ours = ablate(STUDY)
    contenders = {
        "study of 12 runs": ours,
        "the same, one core busy": with_busy_core(ours),
        "12 processes of plain_timm.py": scripts,
    }
    if old:
        contenders["the study with the old checkout"] = ablate(STUDY, old.resolve() / ".venv" / "bin" / "python")
    return timed(contenders, rounds)


def lone(rounds: int) -> Times:
    ours = ablate(LONE)
    return timed({"a lone run": ours, "the same, one core busy": with_busy_core(ours)}, rounds)


@forgiving()
def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="loop, lone, study; all of them if left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--old", type=Path, help="another checkout of this project, with its .venv: the study is run with it too"
    )
    parser.add_argument("--json", type=Path, help="also write all figures there")
    given = parser.parse_args()
    parts = given.parts or ["loop", "lone", "study"]
    if unknown := [part for part in parts if part not in ("loop", "lone", "study")]:
        parser.error(f"{unknown[0]}: no such part; loop, lone and study are")
    about = {
        "cpu": environment_name(),
        "cores": machine.cores(),
        "load": os.getloadavg()[0],
        "rounds": given.rounds,
    }
    print(f"{about['cpu']}, {about['cores']} cores, load {about['load']:.2f}, n = {given.rounds}", flush=True)
    found: dict[str, Any] = {"about": about}
    if "loop" in parts:
        found["loop"] = loops(given.rounds)
    if "lone" in parts:
        found["lone"] = lone(given.rounds)
    if "study" in parts:
        found["study"] = studies(given.rounds, given.old)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def environment_name() -> str:
    import torch

    from ablate.train import device

    return f"{device.cpu_name()}, torch {torch.__version__}"


if __name__ == "__main__":
    sys.exit(main())
