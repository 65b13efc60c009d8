"""How narrow could an interval between two of three arms be, by any rule that asks these arms alone? A bound.

    python tests/report/three_arms.py [STUDIES]      prints a line for each set of wishes, and one for our own rule

Three arms and three seeds; the seed is taken out. What a rule can see of the spread is the variance of the
difference of the two arms, that of the third arm against their mean, and how far the two go together. For each
such picture, in bins, a rule may choose any width in standard errors of the difference, and may even draw lots.
Linear programming finds the rule that is the narrowest on average over the situations of tests/report/methods.py,
which it knows, among those that hold their level in each of them. It is fitted to the very studies it is judged
on, so a real rule is wider.
"""

import itertools
import sys
from typing import NamedTuple

import methods
import numpy as np
from scipy import sparse, stats
from scipy.optimize import linprog

from ablate.report.numbers.blocks import spread

SEEDS = 3
RATIOS = np.concatenate([[0], np.geomspace(0.02, 200, 25), [np.inf]])  # of the third arm's variance to the pair's
TOGETHER = np.array([0, 0.2, 0.4, 0.6, 0.8, 1.01])  # the size of their correlation
BINS = (len(RATIOS) - 1) * (len(TOGETHER) - 1)
LEVELS = np.geomspace(0.25, 14, 60)  # half-widths, in standard errors of the difference
PAIRED = stats.t.ppf(0.975, SEEDS - 1)


class Pair(NamedTuple):
    """Two of the arms in one situation.

    For each bin and width (BINS, LEVELS): the share of studies in which it covers, and what it adds to the mean
    width, in mean widths of the paired t. Then the two numbers of our own rule.
    """

    cover: np.ndarray
    width: np.ndarray
    our_cover: float
    our_width: float


class Bound(NamedTuple):
    width: float  # mean over the situations, against the paired t
    cover: float  # least in a situation, of all pairs together
    worst: float  # of one pair
    widest: float  # one pair in one situation, against the paired t


def situations(studies: int) -> list[list[Pair]]:
    """The three pairs of each situation, less the skewed one, where t tests themselves fall short."""
    rng = np.random.default_rng(15)
    kinds = [kind for name, kind in methods.SITUATIONS.items() if name != "skewed"]
    return [pairs(methods.runs(rng, studies, SEEDS, (3,), **kind)) for kind in kinds]


def pairs(arms: np.ndarray) -> list[Pair]:
    """The three pairs of arms of studies, (studies, seeds, 3)."""
    found = []
    for one, other in itertools.combinations(range(3), 2):
        (third,) = {0, 1, 2} - {one, other}
        difference = arms[..., one] - arms[..., other]
        rest = (2 * arms[..., third] - arms[..., one] - arms[..., other]) / np.sqrt(3)
        own, others = difference.var(-1, ddof=1), rest.var(-1, ddof=1)
        is_there = (own > 1e-12) & (others > 1e-12)
        centred = [x - x.mean(-1, keepdims=True) for x in (difference, rest)]
        both = np.abs((centred[0] * centred[1]).sum(-1))[is_there] / (SEEDS - 1)
        own, others, mean = own[is_there], others[is_there], difference.mean(-1)[is_there]
        column = np.searchsorted(TOGETHER, both / np.sqrt(own * others), side="right") - 1
        row = np.searchsorted(RATIOS, others / own, side="right") - 1
        at, error = row * (len(TOGETHER) - 1) + column, np.sqrt(own / SEEDS)
        needed = np.zeros((BINS, len(LEVELS) + 1))
        np.add.at(needed, (at, np.searchsorted(LEVELS, np.abs(mean) / error)), 1)
        errors = np.bincount(at, error, minlength=BINS)
        paired = errors.sum() * PAIRED
        cover, width = needed.cumsum(1)[:, :-1] / len(own), errors[:, None] * LEVELS / paired
        variance, df = spread(arms[is_there], one, other)
        half = stats.t.ppf(0.975, df) * np.sqrt(variance / SEEDS)
        found.append(Pair(cover, width, float((np.abs(mean) <= half).mean()), float(half.sum() / paired)))
    return found


def narrowest(known: list[list[Pair]], least: float, worst: float, *, never_wider: bool = False) -> Bound:
    """Of rules that cover all pairs with `least` and each with `worst`, in every situation."""
    every = [pair for found in known for pair in found]
    means = [np.mean([pair.cover for pair in found], 0) for found in known]
    wishes = [(-pair.cover, -worst) for pair in every] + [(-cover, -least) for cover in means]
    if never_wider:
        wishes += [(pair.width, 1.0) for pair in every]
    width = np.mean([pair.width for pair in every], 0)
    chosen = linprog(
        width.ravel(),
        A_ub=np.array([matrix.ravel() for matrix, _ in wishes]),
        b_ub=[limit for _, limit in wishes],
        A_eq=sparse.kron(sparse.eye(BINS), np.ones((1, len(LEVELS)))),  # one width in each bin
        b_eq=np.ones(BINS),
        method="highs",
    )
    assert chosen.success, chosen.message
    rule = chosen.x.reshape(BINS, -1)
    return Bound(
        float(chosen.fun),
        float(min((cover * rule).sum() for cover in means)),
        float(min((pair.cover * rule).sum() for pair in every)),
        float(max((pair.width * rule).sum() for pair in every)),
    )


def ours(known: list[list[Pair]]) -> Bound:
    covers, widths = (np.array([[pair[at] for pair in found] for found in known]) for at in (2, 3))
    return Bound(*map(float, (widths.mean(), covers.mean(1).min(), covers.min(), widths.max())))


def lines(studies: int) -> list[str]:
    known, found = situations(studies), []
    for least, worst, never_wider in ((0.94, 0.925, False), (0.95, 0.925, False), (0.95, 0.925, True)):
        bound = narrowest(known, least, worst, never_wider=never_wider)
        found.append(line(f"{least:.0%}, each pair {worst:.1%}{', no pair wider' * never_wider}", bound))
    bound = ours(known)
    return [*found, line(f"ours: {bound.cover:.1%}, each pair {bound.worst:.1%}", bound)]


def line(what: str, bound: Bound) -> str:
    return f"{what:36} x{bound.width:.2f} the paired t's mean width, one pair x{bound.widest:.2f}"


if __name__ == "__main__":
    print(*lines(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), sep="\n")
