"""Thousands of made-up studies of known truth, to see whether the verdicts err as often as they say.

    python tests/report/simulation.py [REPEATS]      prints the table

A study is 2 x 3 x 2 cells (pos, patch, pool). A run's accuracy is the mean of its cell, plus a part that all
runs of a seed share, plus a part of its own whose spread differs from cell to cell (bad arms are less steady).
"""

import itertools
import sys

import numpy as np

from ablate.report.numbers.best import best_cells
from ablate.report.numbers.contrasts import interactions, main_effects
from ablate.report.numbers.effects import per_context
from ablate.report.numbers.grid import Grid, filled
from ablate.report.numbers.paired import ALPHA, Estimate, estimate, holm, verdicts
from ablate.report.numbers.power import power, seeds_needed
from ablate.report.numbers.sequential import sequential_estimate, shares
from ablate.study.design.combinations import looks

AXES = {"pos": ["none", "learned"], "patch": ["4", "7", "14"], "pool": ["cls", "mean"]}
CELLS = list(itertools.product(*AXES.values()))
MARGIN = 0.001  # 0.1 points
SHARED, OWN = 0.002, 0.001  # sd over seeds: of what a seed's runs share, of each run on its own


def design() -> Grid:
    return filled(AXES, [(cell, 0) for cell in CELLS], [])


def truth(**effects: float) -> np.ndarray:
    """Mean accuracy of each cell when each arm named (`learned=0.01`) adds its effect, (cells,)."""
    arms = {"learned": "learned", "seven": "7", "fourteen": "14", "mean": "mean"}
    return np.array([0.98 + sum(add for arm, add in effects.items() if arms[arm] in cell) for cell in CELLS])


def studies(
    means: np.ndarray, repeats: int, seeds: int, rng: np.random.Generator, noise: float = 1.0
) -> np.ndarray:
    """Accuracies, (repeats, cells, seeds)."""
    steadiness = np.linspace(0.5, 1.5, len(means))[:, None]
    shared = SHARED * rng.standard_normal((repeats, 1, seeds))
    return means[:, None] + noise * (shared + OWN * steadiness * rng.standard_normal((repeats, len(means), seeds)))


def by_contrast(values: np.ndarray, contrasts: list) -> np.ndarray:
    """Accuracies -> one number a seed for each contrast, (repeats, contrasts, seeds)."""
    by_seed = np.swapaxes(values, -1, -2)
    return np.stack([per_context(by_seed, contrast).mean(-1) for contrast in contrasts], 1)


def words(found: Estimate) -> np.ndarray:
    """Verdicts of every study, each study a family, (repeats, contrasts)."""
    return verdicts(found.mean, holm(found.p), holm(found.p_equivalent))


def covered(contrasts: list, repeats: int, rng: np.random.Generator) -> float:
    """Share of intervals that hold the truth."""
    means = truth(learned=0.01, seven=-0.004, mean=0.001) + 0.01 * np.array(
        [c[:2] == ("none", "4") for c in CELLS]
    )
    found = estimate(by_contrast(studies(means, repeats, 5, rng), contrasts), MARGIN)
    true = true_effects(means, contrasts)
    return float(((found.low <= true) & (true <= found.high)).mean())


def true_effects(means: np.ndarray, contrasts: list) -> np.ndarray:
    return np.array([per_context(means[None], contrast).mean() for contrast in contrasts])


def cells_covered(repeats: int, rng: np.random.Generator) -> float:
    means = truth(learned=0.01)
    found = estimate(studies(means, repeats, 5, rng), MARGIN)
    return float(((found.low <= means) & (means <= found.high)).mean())


def best_is_left(repeats: int) -> float:
    """Share of studies that keep the best cell, where all are equally good: of the cell that fares worst."""
    values = np.swapaxes(studies(truth(), repeats, 5, np.random.default_rng(24)), 1, 2)
    return float(best_cells(values).possible.mean(0).min())


def wrong_better(contrasts: list, repeats: int, rng: np.random.Generator) -> float:
    """Share of studies with any 'better' or 'worse' although nothing has an effect.

    The noise is large beside the margin, so that no 'equivalent' takes the place of an error.
    """
    found = estimate(by_contrast(studies(truth(), repeats, 5, rng, noise=10), contrasts), MARGIN)
    return float(np.isin(words(found), ["better", "worse"]).any(1).mean())


def sequential(means: np.ndarray, contrasts: list, repeats: int, rng: np.random.Generator, noise: float = 1.0):
    """Studies that are looked at with 3, 6, 9 and 12 seeds -> (verdicts, intervals at the study's own end).

    A study ends at the first look with no contrast undecided; verdicts are those given at any look until then.
    """
    at = looks(3, 12, 3)
    values = by_contrast(studies(means, repeats, at[-1], rng, noise), contrasts)
    going = np.ones(repeats, dtype=bool)
    final = np.full(values.shape[:2], "undecided", dtype="<U10")
    low, high = np.empty(values.shape[:2]), np.empty(values.shape[:2])
    for number in range(len(at)):
        found = sequential_estimate([values[going, :, :n] for n in at[: number + 1]], shares(at), MARGIN)
        final[going] = words(found)
        low[going], high[going] = found.low, found.high
        going[going] = (final[going] == "undecided").any(1)
    return final, low, high


def wrong_equivalent(contrasts: list, repeats: int, rng: np.random.Generator, auto: bool = False) -> float:
    """Share of studies that call a true difference of the margin (or more) equivalent."""
    means = truth(learned=MARGIN, seven=MARGIN, mean=-MARGIN)
    at_margin = np.abs(true_effects(means, contrasts)) >= MARGIN - 1e-9
    if auto:
        said = sequential(means, contrasts, repeats, rng, noise=0.1)[0]
    else:
        said = words(estimate(by_contrast(studies(means, repeats, 5, rng, noise=0.1), contrasts), MARGIN))
    return float((said[:, at_margin] == "equivalent").any(1).mean())


def planned_power(
    contrasts: list, effect: float, repeats: int, rng: np.random.Generator
) -> tuple[int, float, float]:
    """Seeds planned for `effect` of the first axis, the power that the plan foresees, the share that saw it."""
    means = truth(learned=effect)
    steadiness = np.linspace(0.5, 1.5, len(means))
    sd = float(np.sqrt(np.square(OWN * steadiness * contrasts[0].weights.mean(0)).sum()))
    alpha = ALPHA / len(contrasts)
    seeds = seeds_needed(effect, sd, alpha)
    assert seeds
    found = estimate(by_contrast(studies(means, repeats, seeds, rng), contrasts), 1e-9)
    return seeds, power(effect, sd, seeds, alpha), float((words(found)[:, 0] == "better").mean())


def table(repeats: int) -> list[tuple[str, float, float, float]]:
    """What is claimed: (claim, least, most, seen), shares of 1."""
    grid = design()
    mains = main_effects(grid)
    both = interactions(grid, mains)
    rng = np.random.default_rng(23)
    null = sequential(truth(), mains, repeats, rng, noise=10)
    true = truth(learned=0.001, seven=-0.0005)
    stopped = sequential(true, mains, repeats, rng)
    true = true_effects(true, mains)
    inside = ((stopped[1] <= true) & (true <= stopped[2])).mean()
    rows = [
        ("intervals of main effects cover", 0.94, 0.96, covered(mains, repeats, rng)),
        ("intervals of interactions cover", 0.94, 0.96, covered(both, repeats, rng)),
        ("intervals of cells cover", 0.94, 0.96, cells_covered(repeats, rng)),
        ("intervals after seeds=auto cover", 0.94, 1.0, float(inside)),
        ("studies with a wrong better or worse", 0, 0.05, wrong_better(mains, repeats, rng)),
        ("the same with seeds=auto", 0, 0.05, float(np.isin(null[0], ["better", "worse"]).any(1).mean())),
        ("studies with a wrong equivalent", 0, 0.05, wrong_equivalent(mains, repeats, rng)),
        ("the same with seeds=auto", 0, 0.05, wrong_equivalent(mains, repeats, rng, auto=True)),
    ]
    for effect in (0.0003, 0.0005):
        seeds, planned, seen = planned_power(mains, effect, repeats, rng)
        claim = f"power for {100 * effect:.2f} points with {seeds} seeds, planned {100 * planned:.1f} %"
        rows.append((claim, 0.77, 0.83, seen))
    rows.append(("studies in which the cells that are left hold the best", 0.95, 1.0, best_is_left(repeats)))
    return rows


if __name__ == "__main__":
    for claim, least, most, seen in table(int(sys.argv[1]) if len(sys.argv) > 1 else 2000):
        print(f"{claim:70} {100 * seen:6.2f} %   wanted {100 * least:.0f} to {100 * most:.0f} %")
