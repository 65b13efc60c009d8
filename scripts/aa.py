"""A/A on real trainings: how often does the verdict call a difference that cannot be?

    python scripts/aa.py                                  trains 630 small runs on MNIST, and prints the shares
    python scripts/aa.py --studies 10 data=synthetic      fewer, and other words for ablate.train

All runs are of one recipe and differ in nothing but the seed. They are dealt out, each once, to made-up studies
of arms `a`, `b` and `c`, which therefore cannot differ, and each study gets its verdict. Run again, it goes on
where it was stopped: the runs are those of an ordinary study in runs/aa.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd
from scipy import stats

from ablate.records import record
from ablate.report.door import verdict
from ablate.report.numbers.paired import ALPHA

SMALL = ("patch=14", "epochs=1", "model.dim=16", "model.depth=1", "model.heads=2", "tracker=none")
ARMS = ("a", "b", "c")


def main(words: list[str] | None = None) -> int:
    """0 well, else the exit code of the training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=70, help="made-up studies of three arms, 3 contrasts each")
    parser.add_argument("--seeds", type=int, default=3, help="runs of an arm in a study")
    given, more = parser.parse_known_args(words)
    runs = given.studies * given.seeds * len(ARMS)
    name = next((word.partition("=")[2] for word in more if word.startswith("name=")), "aa")
    command = [sys.executable, "-m", "ablate.train", "-m", f"seed=range({runs})", *SMALL, f"name={name}", *more]
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 3):  # 3: some have failed, which the count below leaves out
        return done.returncode
    print(told(accuracies(Path("runs") / name), given.seeds))
    return 0


def accuracies(folder: Path) -> list[float]:
    """The test accuracy of each finished run, by seed."""
    found = sorted(record.read_study(folder), key=lambda one: one.seed)
    values = (one.metrics.get("test_acc") for one in found if one.state == "done")
    return [value for value in values if value is not None]


def told(values: list[float], seeds: int) -> str:
    """Deals runs out to studies, and says how many differences the verdict calls that cannot be."""
    size = seeds * len(ARMS)
    p, wrong = [], 0
    studies = len(values) // size
    for number in range(studies):
        part = values[number * size : (number + 1) * size]
        found = verdict(dealt(part, seeds))
        p += found.effects["p"].dropna().tolist()
        wrong += bool(found.effects["verdict"].isin(["better", "worse"]).any())
    low = sum(one < ALPHA for one in p)
    return "\n".join(
        [
            f"{len(values)} runs that differ in the seed alone, as {studies} studies of {len(ARMS)} arms with "
            f"{seeds} seeds: {len(p)} contrasts",
            f"contrasts with p < {ALPHA}: {low} of {len(p)}, {share(low, len(p))}; {band(len(p))}",
            f"studies with a wrong better or worse: {wrong} of {studies}, {share(wrong, studies)}; "
            f"at most {band(studies)}",
        ]
    )


def dealt(values: list[float], seeds: int) -> pd.DataFrame:
    """Runs in the order in which they come: the arms of the first seed, then those of the next."""
    rows = [
        {"aa": arm, "seed": seed, "test_acc": values[seed * len(ARMS) + i]}
        for seed in range(seeds)
        for i, arm in enumerate(ARMS)
    ]
    return pd.DataFrame(rows)


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
