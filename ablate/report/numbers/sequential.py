"""Seeds until decided: looks at 3, 6, 9, ... seeds, and tests that keep their level although there are many.

Each look may spend a share of the level, the increments of (n / N)^2 with n the seeds at the look and N at
the last one (Kim & DeMets 1987, the power family of spending functions). A look's p value is divided by its
share, and the smallest of these is the contrast's p value: by Bonferroni over the looks it is below x with
probability x at most, whatever the number of seeds, the spread or the time of stopping. Holm and the
verdicts then take it as any other. The interval is the last look's, at one less the level that this look
may spend (a repeated confidence interval, Jennison & Turnbull 1999, chapter 9), so that all looks together
cover with 95 %.
"""

import numpy as np
import pandas as pd

from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.effects import described, judged, paired
from ablate.report.numbers.grid import Arms, Grid
from ablate.report.numbers.method import AUTO, estimated
from ablate.report.numbers.paired import ALPHA, Estimate, estimate


def shares(at: list[int]) -> np.ndarray:
    """Share of the level for each look, sums to 1."""
    return np.diff(np.square([0, *at])) / at[-1] ** 2


def sequential_estimate(parts: list[np.ndarray], spend: np.ndarray, margin: float) -> Estimate:
    """Differences at every look so far, each (..., seeds), and the looks' shares -> estimate at the last."""
    found = [estimate(part, margin, alpha=ALPHA * share) for part, share in zip(parts, spend, strict=False)]
    return over_looks(found, spend)


def over_looks(found: list[Estimate], spend: np.ndarray) -> Estimate:
    """Estimates at every look so far, each at the level that its share gives it, and the looks' shares -> one."""
    p, p_equivalent = (
        np.minimum(1, np.fmin.reduce([one[field] / share for one, share in zip(found, spend, strict=False)]))
        for field in (4, 5)
    )
    return found[-1]._replace(p=p, p_equivalent=p_equivalent)


def sequential_frame(
    grid: Grid, contrasts: list[Contrast], margin: float, at: list[int], method: str = AUTO
) -> pd.DataFrame:
    """Like `effects_frame`, for seeds that were added until decided; the grid has them in that order."""
    rows = []
    for contrast in contrasts:
        reached = [first_seeds(grid, n) for n in at[: looks_begun(grid, contrast, at)]]
        pairs = [paired(part, contrast) for part in reached]
        spend = shares(at)
        looks = [
            estimated(part, contrast, there, margin, method, alpha=ALPHA * share)
            for part, there, share in zip(reached, pairs, spend, strict=False)
        ]
        numbers, used = looks[-1]
        if len(pairs[-1].seeds) >= 2:
            numbers = over_looks([one for one, _ in looks], spend)
        rows.append(described(contrast, pairs[-1], numbers, used))
    return judged(rows)


def next_seeds(grid: Grid, contrasts: list[Contrast], frame: pd.DataFrame, at: list[int]) -> dict[Arms, int]:
    """How many seeds each cell should have next: those of undecided contrasts go on to their next look."""
    wanted: dict[Arms, int] = {}
    for contrast, verdict in zip(contrasts, frame["verdict"], strict=True):
        begun = looks_begun(grid, contrast, at)
        if verdict in ("undecided", "none") and begun < len(at):
            for number in np.flatnonzero(contrast.weights.any(0)):
                cell = grid.cells[number]
                wanted[cell] = max(wanted.get(cell, 0), at[begun])
    return wanted


def first_seeds(grid: Grid, n: int) -> Grid:
    return Grid(grid.levels, grid.cells, grid.seeds[:n], grid.values[:n], grid.asked[:n])


def looks_begun(grid: Grid, contrast: Contrast, at: list[int]) -> int:
    """Looks for which seeds were asked for in every cell of the contrast; the first one at least."""
    asked = int(grid.asked[:, contrast.weights.any(0)].all(1).sum())
    return max(1, sum(n <= asked for n in at))
