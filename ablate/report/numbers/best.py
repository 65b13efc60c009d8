"""Which cells could be the best one: multiple comparisons with the best.

A cell is ruled out when some other cell is shown to be better, by a two-sided paired t test at the level divided
by the number of other cells. The best cell itself is then wrongly ruled out with at most that level (Bonferroni;
half of it where errors are symmetric), so the cells that are left hold it with one less the level. Hsu's own
intervals (1984) pool the variance; this holds where some cells are less steady than others, as bad ones are.

Errors near a ceiling are skewed: most runs a little better than the mean, a few much worse. There the t test finds
differences where there are none more often than its level says, with ten seeds too. So a pair of cells is tested
at a part of the level, which its number of seeds sets (tests/report/best.py measures how often the best is kept).
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from ablate.report.numbers.paired import ALPHA, SAME

AT_ONCE = 5_000_000  # differences that are in memory at a time
PARTS = (2, 3, 4), (0.8, 0.6, 0.4)  # seeds, and the part of the level at which two cells are compared


class Best(NamedTuple):
    """Cells of a study, or of a stack of them."""

    best: np.ndarray  # (...,) number of the cell with the best mean
    possible: np.ndarray  # (..., cells) whether it could be the best; False for cells without a run


def best_cells(values: np.ndarray, sign: int = 1, alpha: float = ALPHA, exact: bool = False) -> Best:
    """Of values (..., seeds, cells), NaN where there is none; with sign -1 the smallest is best.

    Two cells are compared on the seeds that both have. With fewer than two neither rules the other out, nor
    without any spread; but `exact` numbers, such as counted costs, are sure where they are the same each time.
    """
    values = sign * values
    known = ~np.isnan(values)
    there = known.any(-2)
    level = alpha / np.maximum(1, there.sum(-1) - 1)[..., None, None]
    cells = values.shape[-1]
    block = max(1, AT_ONCE // max(1, values.size))
    beaten = np.concatenate(
        [
            (compared(values, known, slice(first, first + block), exact) < level).any(-1)
            for first in range(0, cells, block)
        ],
        -1,
    )
    means = np.where(there, np.nansum(values, -2) / np.maximum(known.sum(-2), 1), -np.inf)
    best = means.argmax(-1)
    return Best(best, there & (~beaten | (np.arange(cells) == best[..., None])))


def compared(values: np.ndarray, known: np.ndarray, part: slice, exact: bool) -> np.ndarray:
    """p of each cell of a part against each other one with a better mean, (..., part, cells); NaN elsewhere.

    The p of the t test, divided by the part of the level at which a pair with so many seeds is tested.
    """
    apart = values[..., None, :] - values[..., part, None]  # (..., S, part, other cells): the other less this one
    both = known[..., None, :] & known[..., part, None]
    n = both.sum(-3)
    apart = np.where(both, apart, 0.0)
    mean = apart.sum(-3) / np.maximum(n, 1)
    square = np.where(both, np.square(apart - mean[..., None, :, :]), 0.0).sum(-3)
    sd = np.sqrt(square / np.maximum(n - 1, 1))
    error = np.where((n >= 2) & ((sd > SAME) | exact), sd, np.nan) / np.sqrt(np.maximum(n, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * special.stdtr(np.maximum(n - 1, 1), -mean / error) / np.interp(n, *PARTS)
    return np.where(mean > 0, p, np.nan)
