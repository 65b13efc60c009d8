"""What the pairing by seed saves: how far the cells go up and down together from seed to seed."""

from typing import NamedTuple

import numpy as np

from ablate.report.numbers.paired import SAME

LEAST = 3  # seeds; two points always lie on a line


class Pairing(NamedTuple):
    """Means over pairs of cells."""

    correlation: float
    saved: float  # the share of a difference's variance that the pairing takes off; below 0 it adds
    pairs: int


NONE = Pairing(np.nan, np.nan, 0)


def pairing(values: np.ndarray) -> Pairing:
    """How two cells go together over the seeds that are complete, (seeds, cells).

    NONE with fewer than three seeds, or where no two cells vary. Without the pairing a difference has the sum of
    the two variances; with it, twice the covariance less. Only of two equally steady cells that share is r.
    """
    whole = values[~np.isnan(values).any(1)]
    if len(whole) < LEAST:
        return NONE
    varying = whole[:, whole.std(0, ddof=1) > SAME]
    cells = varying.shape[1]
    if cells < 2:
        return NONE
    one, other = np.triu_indices(cells, 1)
    covariance = np.cov(varying.T)
    own = covariance.diagonal()
    saved = 2 * covariance[one, other] / (own[one] + own[other])
    return Pairing(float(np.corrcoef(varying.T)[one, other].mean()), float(saved.mean()), len(one))
