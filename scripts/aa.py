"""A/A on real trainings: how often does the verdict call a difference that cannot be?

    python scripts/aa.py                                  trains 630 small runs on MNIST, and prints the shares
    python scripts/aa.py --studies 10 data=synthetic      fewer, and other words for ablate.train

`+aa=a,b,c` is an axis that changes nothing: its arms draw their first weights from other streams of the seed,
and see the same images in the same order. So no arm can be better. The seeds are dealt out, each once, to studies
of these arms, and each study gets its verdict, by each method. The three contrasts of a study share their runs, so
they are not independent; the studies are. Run again, it goes on where it was stopped: the runs are those of an
ordinary study in runs/aa.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from ablate.records import record
from ablate.report.door import verdict
from ablate.report.numbers.method import AUTO, PAIRED
from ablate.report.numbers.paired import ALPHA

SMALL = ("patch=14", "epochs=1", "model.dim=16", "model.depth=1", "model.heads=2", "tracker=none")
ARMS = ("a", "b", "c")


def main(words: list[str] | None = None) -> int:
    """0 well, else the exit code of the training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=70, help="studies of three arms, 3 contrasts each")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of a study")
    parser.add_argument("--count", action="store_true", help="train nothing, count what is there")
    parser.add_argument("--resample", type=int, default=0, help="so many studies more, of seeds drawn at random")
    given, more = parser.parse_known_args(words)
    name = next((word.partition("=")[2] for word in more if word.startswith("name=")), "aa")
    if not given.count:
        seeds = f"seed=range({given.studies * given.seeds})"
        command = [sys.executable, "-m", "ablate.train", "-m", f"+aa={','.join(ARMS)}", seeds, *SMALL]
        done = subprocess.run([*command, f"name={name}", *more], stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 3):  # 3: some have failed, which the count below leaves out
            return done.returncode
    runs = accuracies(Path("runs") / name)
    print(told(runs, given.seeds))
    if given.resample:
        print(resampled(runs, given.seeds, given.resample))
    return 0


def accuracies(folder: Path) -> pd.DataFrame:
    """aa, seed, test_acc of the finished runs, for the seeds that all arms have."""
    rows = [
        {"aa": one.cell["aa"], "seed": one.seed, "test_acc": one.metrics.get("test_acc")}
        for one in record.read_study(folder)
        if one.state == "done"
    ]
    frame = pd.DataFrame(rows, columns=["aa", "seed", "test_acc"]).dropna().sort_values(["seed", "aa"])
    return frame[frame.groupby("seed")["aa"].transform("count") == len(ARMS)].reset_index(drop=True)


def told(runs: pd.DataFrame, seeds: int) -> str:
    """Deals seeds out to studies, and says how many differences the verdict calls that cannot be."""
    dealt = studies(runs, seeds)
    contrasts = len(dealt) * len(ARMS) * (len(ARMS) - 1) // 2
    lines = [
        f"{len(runs)} runs of one recipe: {len(dealt)} studies of {len(ARMS)} arms with {seeds} seeds, "
        f"{contrasts} contrasts"
    ]
    for method in (PAIRED, AUTO):
        p, wrong = [], 0
        for part in dealt:
            found = verdict(part, method=method)
            p += found.effects["p"].dropna().tolist()
            wrong += bool(found.effects["verdict"].isin(["better", "worse"]).any())
        low = sum(one < ALPHA for one in p)
        lines += [
            f"report.method={method}",
            f"  contrasts with p < {ALPHA}: {low} of {len(p)}, {share(low, len(p))}; {band(len(p))}",
            f"  studies with a wrong better or worse: {wrong} of {len(dealt)}, {share(wrong, len(dealt))}; "
            f"at most {band(len(dealt))}",
        ]
    return "\n".join(lines)


def resampled(runs: pd.DataFrame, seeds: int, times: int) -> str:
    """Draws studies of these runs, and says how often an interval holds the difference over all seeds."""
    every, draw = runs["seed"].unique(), np.random.default_rng(15)
    dealt = [runs[runs["seed"].isin(draw.choice(every, seeds, replace=False))] for _ in range(times)]
    mean = runs.groupby("aa")["test_acc"].mean()
    lines = [f"{times} studies of {seeds} seeds, drawn from these {len(every)}; they share runs"]
    for method in (PAIRED, AUTO):
        inside, wrong = [], 0
        for part in dealt:
            effects = verdict(part, method=method).effects.dropna(subset=["low"])
            for arm, against, low, high in effects[["arm", "against", "low", "high"]].itertuples(index=False):
                inside.append(low <= mean[arm[0]] - mean[against[0]] <= high)
            wrong += bool(effects["verdict"].isin(["better", "worse"]).any())
        held = f"{100 * np.mean(inside):.1f} % of {len(inside)} intervals hold the difference over all seeds"
        called = f"a wrong better or worse in {100 * wrong / times:.1f} % of the studies"
        lines.append(f"report.method={method}: {held}; {called}")
    return "\n".join(lines)


def studies(runs: pd.DataFrame, seeds: int) -> list[pd.DataFrame]:
    """The first seeds are a study, the next ones another; what is left over is none."""
    every = sorted(runs["seed"].unique())
    parts = [every[i : i + seeds] for i in range(0, len(every) - seeds + 1, seeds)]
    return [runs[runs["seed"].isin(part)] for part in parts]


def share(k: int, n: int) -> str:
    """`4.8 % (95 % interval 2.3 to 8.6)`, by Clopper and Pearson."""
    if n == 0:
        return "–"
    low = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{100 * k / n:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f})"


def band(n: int) -> str:
    """How many of n there may be by chance, where each has the nominal rate."""
    low, high = stats.binom.interval(0.95, n, ALPHA)
    return f"{100 * ALPHA:.0f} % would be {low:.0f} to {high:.0f}"


if __name__ == "__main__":
    sys.exit(main())
