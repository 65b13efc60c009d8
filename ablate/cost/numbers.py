"""Means with their intervals, and the power of the number of tokens with which time grows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over n processes and half of its 95 % interval (Student's t); None where n is 1."""

    value: float
    half: float | None
    n: int


def mean(values: Sequence[float]) -> Mean:
    n, middle = len(values), sum(values) / len(values)
    if n < 2:
        return Mean(middle, None, n)
    sd = math.sqrt(sum((v - middle) ** 2 for v in values) / (n - 1))
    return Mean(middle, float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * sd / math.sqrt(n), n)


@dataclass(frozen=True)
class Exponent:
    """k of time = c * tokens^k over cells of `least` to `most` tokens; `last`: between the two longest ones."""

    value: float
    low: float
    high: float
    last: float
    least: int
    most: int
    cells: int


def exponent(tokens: Sequence[int], seconds: Sequence[float]) -> Exponent | None:
    """Least squares on logarithms, with a 95 % interval; None for fewer than three numbers of tokens."""
    if len(set(tokens)) < 3:
        return None
    order = sorted(zip(tokens, seconds, strict=True))
    x, y = ([math.log(pair[i]) for pair in order] for i in (0, 1))
    line = stats.linregress(x, y)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(x) - 2)) * line.stderr
    last = (y[-1] - y[-2]) / (x[-1] - x[-2]) if x[-1] > x[-2] else math.nan
    return Exponent(line.slope, line.slope - half, line.slope + half, last, order[0][0], order[-1][0], len(order))
