"""Differences paired by seed -> estimate, interval, tests. Works on stacks of studies, the seeds last."""

from typing import NamedTuple

import numpy as np
from scipy import special

ALPHA = 0.05  # level of every test, and one less the level of every interval
SAME = 1e-12  # a spread below this is rounding: the seeds gave one and the same number


class Estimate(NamedTuple):
    """Mean, sd, t interval and two p values; NaN where the seeds do not allow them. Fractions of 1."""

    mean: np.ndarray
    sd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray  # two-sided t test of no difference
    p_equivalent: np.ndarray  # two one-sided t tests of a difference of the margin or more
    error: np.ndarray  # standard error of the mean, of which interval and tests are made
    df: np.ndarray  # its degrees of freedom


def estimate(differences: np.ndarray, margin: float, alpha: float = ALPHA) -> Estimate:
    """One difference a seed, (..., S) -> estimates, (...). The seed is the error: S - 1 degrees of freedom.

    One seed gives a mean and nothing else. Seeds without any spread give no interval and no p value either:
    nothing then says how far off the mean may be.
    """
    seeds = differences.shape[-1]
    unknown = np.full(differences.shape[:-1], np.nan)
    if seeds < 2:
        mean = differences[..., 0] if seeds else unknown
        return Estimate(mean, *[unknown] * 7)
    mean, sd = differences.mean(-1), differences.std(-1, ddof=1)
    return told(mean, sd, sd / np.sqrt(seeds), seeds - 1, margin, alpha)


def told(
    mean: np.ndarray, sd: np.ndarray, error: np.ndarray, df: np.ndarray | int, margin: float, alpha: float = ALPHA
) -> Estimate:
    """Interval and tests from means, their standard errors and degrees of freedom; none without any spread."""
    error = np.where(sd > SAME, error, np.nan)
    half = special.stdtrit(df, 1 - alpha / 2) * error
    p = 2 * special.stdtr(df, -np.abs(mean) / error)
    above, below = special.stdtr(df, -(mean + margin) / error), special.stdtr(df, (mean - margin) / error)
    freedom = np.broadcast_to(df, np.shape(mean))
    return Estimate(mean, sd, mean - half, mean + half, p, np.maximum(above, below), error, freedom)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p values, (..., K) -> (..., K), a family a row; a test that was not done (NaN) is no member.

    The same numbers as statsmodels' multipletests, which takes one family at a time and collects garbage in
    each call (0.1 s): too slow for a report of many classes and for simulations.
    """
    order = np.argsort(p, -1)  # NaN comes last
    ranked = np.take_along_axis(p, order, -1)
    members = (~np.isnan(p)).sum(-1, keepdims=True)
    steps = ranked * (members - np.arange(p.shape[-1]))
    adjusted = np.empty_like(ranked)
    np.put_along_axis(adjusted, order, np.minimum(1, np.maximum.accumulate(steps, -1)), -1)
    return adjusted


def verdicts(
    mean: np.ndarray, p_holm: np.ndarray, p_equivalent_holm: np.ndarray, alpha: float = ALPHA
) -> np.ndarray:
    """A word for each contrast; a difference shown to be within the margin is equivalent even if not zero."""
    return np.select(
        [np.isnan(p_holm), p_equivalent_holm < alpha, (p_holm < alpha) & (mean > 0), p_holm < alpha],
        ["none", "equivalent", "better", "worse"],
        "undecided",
    )
