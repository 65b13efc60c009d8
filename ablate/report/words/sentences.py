"""The verdict in words. Here fractions become percentage points."""

import math
from typing import NamedTuple

from ablate.report.findings import Findings
from ablate.report.measure import Measure
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.paired import SAME
from ablate.report.numbers.pairing import pairing
from ablate.report.words.designs import averaged, design_lines
from ablate.report.words.interactions import dependences, mixed_dependences
from ablate.report.words.limits import doubts, left_out, names, rivals
from ablate.report.words.method import method_line
from ablate.text import change, count, p_value

MOST = 8  # so many pairs of an axis, or interactions, have a sentence each


LABELS = {
    "better": "better",
    "equivalent": "equivalent",
    "undecided": "undecided",
    "none": "no verdict",
    "depends": "depends",
    "aliased": "aliased",
    "failed": "failed",
    "best": "best",
    "as good": "as good",
    "ruled out": "ruled out",
    "next": "next",
    "keep": "keep",
    "does not matter": "does not matter",
    "cannot say yet": "cannot say yet",
    "": "",
}


class Sentence(NamedTuple):
    """A verdict and what it is on."""

    verdict: (
        str  # a key of LABELS; `depends` is an interaction, `aliased` what a fraction cannot tell from another
    )
    text: str


def verdict_sentences(found: Findings) -> list[Sentence]:
    """What each axis is worth, pair by pair, then which effects depend on which other axis."""
    lines: list[Sentence] = []
    for axis in found.grid.axes:
        rows = [row for row in effects(found.effects) if row.axes == (axis,)]
        lines += [
            Sentence(row.verdict.replace("worse", "better"), effect_sentence(row, found)) for row in rows[:MOST]
        ]
        if len(rows) > MOST:
            lines.append(Sentence("", f"{axis}: {len(rows) - MOST} more pairs are in the table of effects."))
        if not rows and len(found.levels[axis]) > 1:
            lines.append(Sentence("none", f"{axis}: no verdict, because no two cells differ in {axis} alone."))
    depends = dependences(found)
    lines += [Sentence("depends", text) for text in depends[:MOST]]
    if len(depends) > MOST:
        lines.append(Sentence("", f"{len(depends) - MOST} more dependences are in the table of interactions."))
    return lines + [Sentence("aliased", text) for text in mixed_dependences(found)[:MOST]]


def effect_sentence(row: Effect, found: Findings) -> str:
    """One pair of arms: the verdict, its interval, and what else to know about it."""
    arm, against = row.arm[0], row.against[0]
    if row.verdict == "aliased":
        return (
            f"{row.axes[0]} or {names(rivals(row.axes, found))}: {_difference(row, found)} ({_sure(row, found)}, "
            f"{p_value(row.p_holm)}); this fraction cannot tell which it is.{left_out(row)}"
        )
    if row.verdict in ("better", "worse"):
        better, other = (arm, against) if row.verdict == "better" else (against, arm)
        sign = 1 if row.mean > 0 else -1
        size = found.measure.amount(sign * row.mean)
        text = f"{better} is better than {other} by {size} ({_sure(row, found, sign)}, {p_value(row.p_holm)})."
    elif row.verdict == "equivalent":
        margin = found.measure.amount(found.measure.margin)
        text = (
            f"{against} and {arm} are equivalent within {margin}: {_difference(row, found)} ({_sure(row, found)})."
        )
    elif row.verdict == "undecided":
        sure = f"{_sure(row, found)}{_and_yet(row)}"
        text = f"{against} or {arm}: {_difference(row, found)} ({sure}). {_more(row, found)}"
    else:
        text = f"{against} and {arm}: {_why_none(row, found)}"
    return f"{row.axes[0]}: {text}{doubts(row, found)}"


def _difference(row: Effect, found: Findings) -> str:
    return f"{change(row.arm[0], row.against[0])} is {found.measure.difference(row.mean)}"


def _sure(row: Effect, found: Findings, sign: int = 0) -> str:
    """The interval and its seeds; with a sign, the interval of the better arm less the other."""
    low, high = sorted((sign * row.low, sign * row.high)) if sign else (row.low, row.high)
    ends = [found.measure.difference(end, sign=not sign) for end in (low, high)]
    return f"95 % interval {' to '.join(ends)}, {count(row.n, 'seed')}"


def _and_yet(row: Effect) -> str:
    """Why a pair is undecided whose interval does not hold zero: it is one of several that are tested."""
    return "" if row.low <= 0 <= row.high else f", {p_value(row.p_holm)} after Holm"


def _more(row: Effect, found: Findings) -> str:
    """How many seeds would decide. For a sequential study, whether it goes on."""
    if found.looks:
        most = found.looks[-1]
        return (
            f"All {most} seeds are used up." if row.n >= most else f"Seeds are added until decided, up to {most}."
        )
    target = found.measure.amount(row.planned_effect)
    if row.seeds_needed is None:
        return f"With this spread no number of seeds would show a difference of {target}."
    needed = row.seeds_needed
    seen = not abs(row.mean) < found.measure.margin
    size = f"If the difference is the {target} seen" if seen else f"If it is {target}, the margin"
    return f"{size}, about {count(max(0, needed - row.n), 'more seed')} would tell ({needed} in all, 80 % power)."


def _why_none(row: Effect, found: Findings) -> str:
    if row.n == 0:
        return "no pair of runs is complete."
    if row.n == 1:
        return f"{_difference(row, found)} with one seed, which has no interval; two or more seeds would have one."
    if abs(row.mean) < SAME:
        doubt = " Does the axis do anything? (ablate.audit)" if found.measure.is_ours else ""
        named = found.measure.title.removeprefix("test ")
        return f"both gave the same {named} with each of {row.n} seeds.{doubt}"
    return f"{_difference(row, found)} with each of the {row.n} seeds: without any spread there is no interval."


def how_to_read(found: Findings) -> list[str]:
    """How the verdict was found: the error, the families of tests, the margin, the rule of stopping."""
    tested = int(found.effects["p"].notna().sum())
    if not tested:
        return []
    read_as = found.measure
    family = (
        f"p values are Holm's over {tested} pairs of arms: the chance of even one wrong better is at most 5 %."
    )
    second = " Interactions are a second such family." if found.interactions["p"].notna().any() else ""
    lines = [
        f"Differences are in {read_as.differences}, paired by seed{averaged(found)}; 95 % t "
        f"intervals and tests over the seeds, for {_sample(read_as)}this recipe.",
        (f"{family}{second} " if tested > 1 else "The pair is tested at 5 %. ") + _equivalent(read_as),
    ]
    lines += [line for line in (method_line(found),) if line]
    lines += _pairing(found)
    if found.looks:
        at = ", ".join(map(str, found.looks))
        lines.append(
            f"Seeds were added until decided, with looks at {at} seeds. Tests and intervals are those of a group-"
            "sequential rule that keeps its level over all looks (Kim & DeMets spending, repeated intervals)."
        )
    return lines + design_lines(found)


def _pairing(found: Findings) -> list[str]:
    seen = pairing(found.grid.values)
    if not seen.pairs:
        return []
    saved = f"takes about {100 * seen.saved:.0f} % off" if seen.saved > 0 else "takes nothing off"
    correlate = f"{seen.correlation:.2f}".replace("-", "−")
    return [
        f"Over the seeds the results of two cells correlate by {correlate} (mean of {count(seen.pairs, 'pair')}): "
        f"pairing by seed {saved} the variance of a difference."
    ]


def _sample(read_as: Measure) -> str:
    return f"these {read_as.sample} images and " if read_as.sample else ""


def _equivalent(read_as: Measure) -> str:
    if math.isnan(read_as.margin):
        return "Nothing is called equivalent: report.margin=NUMBER says which difference would not matter."
    return f"Equivalent: two one-sided tests against {read_as.amount(read_as.margin)}."
