"""The difference of two arms, where the other arms of their axis tell of its spread too: the seeds are blocks.

The paired variance of a difference has S - 1 degrees of freedom, however many arms there are. Welch's (1947),
from each arm's own variance with the seed taken out, draws on all arms, but is too small where the two vary more
than the others, and too large where they vary less. Here the variance is the mean of both, a quadratic form of the
arms' means with Satterthwaite's (1946) degrees of freedom, which are never taken for fewer than the paired ones.
"""

import numpy as np

LEAST = 3  # arms: with two, both variances are the same


def spread(means: np.ndarray, one: int, other: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of arms over the same cells, (..., S, arms) -> variance of `one` less `other`, its df, (...).

    The variance is that of the difference with one seed. It needs two seeds and `LEAST` arms.
    """
    seeds, arms = means.shape[-2:]
    own = (means - means.mean(-1, keepdims=True)).var(-2, ddof=1) * arms / (arms - 1)  # of each arm, (..., arms)
    paired = (means[..., one] - means[..., other]).var(-1, ddof=1)
    found = (paired + own[..., one] + own[..., other]) / 2
    return found, np.maximum(freedom(form(arms, one, other), own, seeds), seeds - 1)


def form(arms: int, one: int, other: int) -> np.ndarray:
    """The M of the variance: the mean of a' M a over seeds, by S - 1, with a how far each arm is off its mean."""
    difference = np.zeros(arms)
    difference[[one, other]] = 1, -1
    centred = (np.eye(arms) - 1 / arms)[:, [one, other]]  # takes the seed out of each of the two
    return (np.outer(difference, difference) + arms / (arms - 1) * centred @ centred.T) / 2


def freedom(matrix: np.ndarray, own: np.ndarray, seeds: int) -> np.ndarray:
    """Satterthwaite's degrees of freedom of a quadratic form of arms that have variances `own`, (..., arms)."""
    part = matrix * own[..., None, :]
    trace = np.einsum("...ii->...", part)
    with np.errstate(invalid="ignore", divide="ignore"):  # no spread at all: nobody asks
        found = (seeds - 1) * np.square(trace) / np.einsum("...ij,...ji->...", part, part)
    return np.nan_to_num(found, nan=seeds - 1)
