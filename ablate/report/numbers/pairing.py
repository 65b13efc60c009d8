"""What the pairing by seed saves: how far the cells go up and down together from seed to seed."""

import numpy as np

from ablate.report.numbers.paired import SAME

LEAST = 3  # seeds; two points always lie on a line


def correlation(values: np.ndarray) -> tuple[float, int]:
    """The mean correlation of two cells over the seeds that are complete, (seeds, cells), and the number of pairs.

    NaN and 0 with fewer than three seeds, or where no two cells vary. A difference of two equally steady cells has
    1 - r times the variance that it would have without the pairing.
    """
    whole = values[~np.isnan(values).any(1)]
    if len(whole) < LEAST:
        return np.nan, 0
    varying = whole[:, whole.std(0, ddof=1) > SAME]
    cells = varying.shape[1]
    if cells < 2:
        return np.nan, 0
    pairs = np.corrcoef(varying.T)[np.triu_indices(cells, 1)]
    return float(pairs.mean()), len(pairs)
