"""The verdict in words. Here fractions become percentage points."""

import math
from typing import Any, NamedTuple

import pandas as pd

from ablate.report.findings import Findings
from ablate.report.numbers.alias import Term
from ablate.report.numbers.paired import ALPHA, SAME
from ablate.report.short import count, p_value, points

Row = Any  # a row of effects_frame, as itertuples gives it

MOST = 8  # pairs of one axis, or interactions, that are told one by one


LABELS = {
    "better": "better",
    "equivalent": "equivalent",
    "undecided": "undecided",
    "none": "no verdict",
    "depends": "depends",
    "": "",
}


class Sentence(NamedTuple):
    """A verdict and what it is on."""

    verdict: str  # a key of LABELS; `depends` is an interaction
    text: str


def verdict_sentences(found: Findings) -> list[Sentence]:
    """What each axis is worth, pair by pair, then which effects depend on which other axis."""
    lines: list[Sentence] = []
    for axis in found.grid.axes:
        rows = [row for row in found.effects.itertuples() if row.axes == (axis,)]
        lines += [
            Sentence(row.verdict.replace("worse", "better"), effect_sentence(row, found)) for row in rows[:MOST]
        ]
        if len(rows) > MOST:
            lines.append(Sentence("", f"{axis}: {len(rows) - MOST} more pairs stand in the table of effects."))
        if not rows and len(found.levels[axis]) > 1:
            lines.append(Sentence("none", f"{axis}: no verdict, no two cells differ in {axis} alone."))
    there = [row for row in found.interactions.itertuples() if row.p_holm < ALPHA]
    lines += [Sentence("depends", interaction_sentence(row, found)) for row in there[:MOST]]
    if len(there) > MOST:
        lines.append(Sentence("", f"{len(there) - MOST} more interactions stand in their table."))
    return lines


def effect_sentence(row: Row, found: Findings) -> str:
    """One pair of arms: the verdict, its interval, and what else to know about it."""
    arm, against = row.arm[0], row.against[0]
    if row.verdict in ("better", "worse"):
        arms, sign = ((arm, against), 1) if row.verdict == "better" else ((against, arm), -1)
        size = points(sign * row.mean, sign=False)
        text = f"{arms[0]} is better than {arms[1]} by {size} points ({_sure(row, sign)}, {p_value(row.p_holm)})."
    elif row.verdict == "equivalent":
        margin = points(found.asked.margin, sign=False)
        text = f"{against} and {arm} are equivalent within {margin} points: {_difference(row)} ({_sure(row)})."
    elif row.verdict == "undecided":
        text = f"{against} or {arm}: {_difference(row)} ({_sure(row)}). {_more(row, found)}"
    else:
        text = f"{against} and {arm}: {_why_none(row)}"
    return f"{row.axes[0]}: {text}{_mixed(row.axes, found)}{_left_out(row)}"


def _difference(row: Row) -> str:
    return f"{row.arm[0]} − {row.against[0]} is {points(row.mean)}"


def _sure(row: Row, sign: int = 0) -> str:
    """The interval and its seeds; with a sign, the interval of the better arm less the other."""
    low, high = sorted((sign * row.low, sign * row.high)) if sign else (row.low, row.high)
    ends = [points(end, sign=not sign) for end in (low, high)]
    return f"95 % interval {' to '.join(ends)}, {count(row.n, 'seed')}"


def _more(row: Row, found: Findings) -> str:
    """How many seeds would tell. Of a sequential study, whether it goes on."""
    if found.looks:
        most = found.looks[-1]
        return (
            f"All {most} seeds are used up." if row.n >= most else f"Seeds are added until decided, up to {most}."
        )
    target = f"{points(row.planned_effect, sign=False)} points"
    if pd.isna(row.seeds_needed):
        return f"With this spread no number of seeds would show a difference of {target}."
    needed = int(row.seeds_needed)
    seen = abs(row.mean) >= found.asked.margin
    size = f"If the difference is the {target} seen" if seen else f"If it is {target}, the margin"
    return f"{size}, about {count(max(0, needed - row.n), 'more seed')} would tell ({needed} in all, 80 % power)."


def _why_none(row: Row) -> str:
    if row.n == 0:
        return "no pair of runs is complete."
    if row.n == 1:
        return f"{_difference(row)} with one seed, which has no interval; two or more seeds would have one."
    if abs(row.mean) < SAME:
        return f"both gave the same accuracy with each of {row.n} seeds. Does the axis do anything? (ablate.audit)"
    return f"{_difference(row)} with each of {row.n} seeds alike: without any spread there is no interval."


def _mixed(axes: Term, found: Findings) -> str:
    others = [" × ".join(term) for term in found.aliases.get(axes, [])]
    return (
        f" In this fraction it is mixed with {', '.join(others)}: the difference may be theirs." if others else ""
    )


def _left_out(row: Row) -> str:
    return f" Not counted, because incomplete: {'; '.join(row.left_out)}." if row.left_out else ""


def interaction_sentence(row: Row, found: Findings) -> str:
    """`pos depends on patch: ...`, with the effect of the one axis at either arm of the other.

    The axis with the larger effect is the one that is said to depend.
    """
    acting, place = (0, 1) if _size(row.axes[0], found) >= _size(row.axes[1], found) else (1, 0)
    parts = []
    for arm in (row.against[place], row.arm[place]):
        where = ((row.axes[place], arm),)
        simple = next((s for s in found.simple.itertuples() if _is(s, row, acting) and s.within == where), None)
        if simple is not None:
            at = f"{points(simple.mean)} points at {row.axes[place]}={arm}"
            parts.append(
                at + ("" if math.isnan(simple.low) else f" ({points(simple.low)} to {points(simple.high)})")
            )
    apart = f"{points(abs(row.mean), sign=False)} points apart ({p_value(row.p_holm)})"
    text = f"{row.axes[acting]} depends on {row.axes[place]}: {row.arm[acting]} − {row.against[acting]} is "
    return f"{text}{' and '.join(parts) or 'not the same'}, {apart}.{_mixed(row.axes, found)}"


def _is(simple: Row, row: Row, acting: int) -> bool:
    pair = simple.axes[0], simple.arm[0], simple.against[0]
    return pair == (row.axes[acting], row.arm[acting], row.against[acting])


def _size(axis: str, found: Findings) -> float:
    effects = found.effects[found.effects["axes"] == (axis,)]["mean"].abs()
    return float(effects.max()) if len(effects) else 0.0


def how_to_read(found: Findings) -> list[str]:
    """What stands behind the sentences: the error, the families, the margin, the rule of stopping."""
    tested = int(found.effects["p"].notna().sum())
    if not tested:
        return []
    margin = points(found.asked.margin, sign=False)
    family = f"p values are Holm's over {tested} pairs of arms: any wrong better has a chance of at most 5 %."
    lines = [
        "Differences are in percentage points of test accuracy, paired by seed and averaged over the cells of the "
        "other axes; 95 % t intervals and tests over the seeds, for these test images and this recipe.",
        (f"{family} Interactions are a second such family. " if tested > 1 else "The pair is tested at 5 %. ")
        + f"Equivalent: two one-sided tests against {margin} points.",
    ]
    if found.looks:
        at = ", ".join(map(str, found.looks))
        lines.append(
            f"Seeds were added until decided, with looks at {at} seeds. Tests and intervals are those of a group-"
            "sequential rule that keeps its level over all looks (Kim & DeMets spending, repeated intervals)."
        )
    return lines
