"""By which method a difference gets its interval and its tests: a rule of the design, never of the results."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ablate.report.numbers.blocks import LEAST, spread
from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.effects import Paired, described, judged, paired
from ablate.report.numbers.grid import Grid
from ablate.report.numbers.paired import ALPHA, SAME, Estimate, estimate, told

AUTO, PAIRED, SATTERTHWAITE = METHODS = ("auto", "paired", "satterthwaite")
FEW = 3  # seeds; with more, `auto` takes the paired t: there is less to win, and a steady pair may lose


class Means(NamedTuple):
    """Means of the arms of an axis over the same cells, (seeds, arms), and the columns of the two compared."""

    values: np.ndarray
    one: int
    other: int


def applies(method: str, seeds: int) -> bool:
    """Whether other arms are asked, where there are such."""
    return method == SATTERTHWAITE or (method == AUTO and seeds <= FEW)


def estimated(
    grid: Grid, contrast: Contrast, pairs: Paired, margin: float, method: str, alpha: float = ALPHA
) -> tuple[Estimate, str]:
    """A contrast on its complete seeds, and the method that was used."""
    plain = estimate(pairs.differences, margin, alpha)
    means = arm_means(grid, contrast, pairs) if applies(method, len(pairs.seeds)) else None
    if means is None or not plain.sd > SAME:
        return plain, PAIRED
    variance, df = spread(*means)
    return told(plain.mean, plain.sd, np.sqrt(variance / len(pairs.seeds)), df, margin, alpha), SATTERTHWAITE


def arm_means(grid: Grid, contrast: Contrast, pairs: Paired) -> Means | None:
    """Arms of the axis that have each cell of the contrast's, with each of its seeds; None for fewer than three.

    None too for an interaction, and where the two arms are not compared cell by cell, as in a fraction.
    """
    if len(contrast.axes) != 1 or len(pairs.seeds) < 2:
        return None
    column = grid.axes.index(contrast.axes[0])
    places: dict[bool, set[tuple[str, ...]]] = {
        sign: {
            cell[:column] + cell[column + 1 :]
            for cell, weight in zip(grid.cells, pairs.weights, strict=True)
            if weight and (weight > 0) == sign
        }
        for sign in (True, False)
    }
    if places[True] != places[False]:
        return None
    rows = [grid.seeds.index(seed) for seed in pairs.seeds]
    number = {cell: i for i, cell in enumerate(grid.cells)}
    means: dict[str, np.ndarray] = {}
    for arm in grid.levels[contrast.axes[0]]:
        cells = [(*place[:column], arm, *place[column:]) for place in places[True]]
        if all(cell in number for cell in cells):
            found = grid.values[np.ix_(rows, [number[cell] for cell in cells])]
            if not np.isnan(found).any():
                means[arm] = found.mean(1)
    if len(means) < LEAST:
        return None
    arms = list(means)
    return Means(np.stack(list(means.values()), -1), arms.index(contrast.arm[0]), arms.index(contrast.against[0]))


def effects_frame(grid: Grid, contrasts: list[Contrast], margin: float, method: str = AUTO) -> pd.DataFrame:
    """A row a contrast. The rows are one family: Holm's adjustment runs over all of them."""
    rows = []
    for contrast in contrasts:
        pairs = paired(grid, contrast)
        rows.append(described(contrast, pairs, *estimated(grid, contrast, pairs, margin, method)))
    return judged(rows)
