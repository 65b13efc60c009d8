"""Which cells could be the best one: multiple comparisons with the best.

A cell is ruled out when some other cell is shown to be better, by a two-sided paired t test at the level divided
by the number of other cells. The best cell itself is then wrongly ruled out with at most that level (Bonferroni;
half of it, but for skewed errors, which is why the tests are two-sided), so the cells that are left hold it with
one less the level. Hsu's own intervals (1984) pool the variance; this holds where some cells are less steady than
others, as bad ones are.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from ablate.report.numbers.paired import ALPHA, SAME


class Best(NamedTuple):
    """Cells of a study, or of a stack of them."""

    best: np.ndarray  # (...,) number of the cell with the best mean
    possible: np.ndarray  # (..., cells) whether it could be the best; False for cells without a run


def best_cells(values: np.ndarray, sign: int = 1, alpha: float = ALPHA) -> Best:
    """Of values (..., seeds, cells), NaN where there is none; with sign -1 the smallest is best.

    Two cells are compared on the seeds that both have. With fewer than two, or with no spread, neither rules the
    other out.
    """
    values = sign * values
    known = ~np.isnan(values)
    there = known.any(-2)
    ahead, error, df = compared(values, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stats.t.sf(ahead / error, df)
    beaten = (p < alpha / np.maximum(1, there.sum(-1) - 1)[..., None, None]).any(-1)
    means = np.where(there, np.nansum(values, -2) / np.maximum(known.sum(-2), 1), -np.inf)
    best = means.argmax(-1)
    possible = there & ~beaten
    return Best(best, possible | ((np.arange(values.shape[-1]) == best[..., None]) & there))


def compared(values: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far each cell is behind each other one, standard errors, degrees of freedom; (..., cells, cells) each.

    NaN where two cells share fewer than two seeds or do not differ in any spread.
    """
    apart = values[..., None, :] - values[..., :, None]  # (..., S, cells, other cells): the other less this one
    both = known[..., None, :] & known[..., :, None]
    n = both.sum(-3)
    apart = np.where(both, apart, 0.0)
    mean = apart.sum(-3) / np.maximum(n, 1)
    square = np.where(both, np.square(apart - mean[..., None, :, :]), 0.0).sum(-3)
    sd = np.sqrt(square / np.maximum(n - 1, 1))
    error = np.where((n >= 2) & (sd > SAME), sd, np.nan) / np.sqrt(np.maximum(n, 1))
    return mean, error, np.maximum(n - 1, 1).astype(float)
