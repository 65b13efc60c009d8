"""How much of the variance each axis, each interaction and the seed explain: ANOVA with the seed as block."""

import itertools

import numpy as np
import pandas as pd
from scipy import special

from ablate.report.numbers.grid import Grid
from ablate.report.numbers.paired import SAME

SEED = "seed"
REST = "seed × cell (the error)"


def whole(grid: Grid, measure: str = "accuracy") -> tuple[np.ndarray | None, str]:
    """The complete seeds of a full grid as (seeds, choices of axis 1, axis 2, ...), or None and why not."""
    levels = [grid.levels[axis] for axis in grid.axes]
    order = [grid.cells.index(cell) for cell in itertools.product(*levels) if cell in grid.cells]
    if not grid.axes or len(order) < np.prod([len(level) for level in levels]):
        return None, "the cells are not a full grid"
    values = grid.values[:, order]
    values = values[~np.isnan(values).any(1)]
    if len(values) < 2:
        return None, "fewer than two seeds are complete in all cells"
    if np.ptp(values) < SAME:
        return None, f"all runs have the same {measure}"
    return values.reshape(-1, *(len(level) for level in levels)), ""


def variance_frame(values: np.ndarray, axes: tuple[str, ...]) -> pd.DataFrame:
    """Shares of the sum of squares of a complete grid, (seeds, choices of axis 1, ...), a row for each term.

    Each term is tested against its own interaction with the seed, as in a repeated-measures ANOVA with the
    seed as subject (statsmodels' AnovaRM). The shares of all axes, the seed and the error add up to 1.
    """
    total = np.square(values - values.mean()).sum()
    rows, errors = [], 0.0
    for size in range(1, len(axes) + 1):
        for term in itertools.combinations(range(1, len(axes) + 1), size):
            (square, df), (error, error_df) = _squares(values, term), _squares(values, (0, *term))
            f = square / df / (error / error_df) if error > SAME * total else np.nan
            errors += error
            name = " × ".join(axes[i - 1] for i in term)
            rows.append([name, square / total, df, error_df, f, special.fdtrc(df, error_df, f)])
    seed, seed_df = _squares(values, (0,))
    rows.append([SEED, seed / total, seed_df, np.nan, np.nan, np.nan])
    rows.append([REST, errors / total, seed_df * (values[0].size - 1), np.nan, np.nan, np.nan])
    return pd.DataFrame(rows, columns=["term", "share", "df", "error_df", "F", "p"])


def _squares(values: np.ndarray, term: tuple[int, ...]) -> tuple[float, int]:
    """Sum of squares of a term (dimensions of the array) and its degrees of freedom."""
    others = tuple(i for i in range(values.ndim) if i not in term)
    part = values.mean(others, keepdims=True)
    for i in term:
        part = part - part.mean(i, keepdims=True)  # sweep out everything of lower order
    repeats = values.size / part.size
    return float(np.square(part).sum() * repeats), int(np.prod([values.shape[i] - 1 for i in term]))
