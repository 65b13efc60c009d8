"""Which cells a study trains: every combination of arms, one axis at a time, or a regular fraction of all.

This is about names only: there is no config, and no seeds (every cell gets the same ones). Axes that are zipped
move together and count as one, called `patch+model.dim` with the arms `4+64` and `7+96`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from ablate.records.study_plan import DesignFacts
from ablate.study.design import fraction

Cell = dict[str, str]
Zipped = Sequence[str] | Sequence[Sequence[str]]  # axes that move together, or lists of them
KINDS = ("full", "one_at_a_time", "fraction")


@dataclass(frozen=True)
class Factor:
    """Axes that move together, mostly one: `arms` has a choice for each of them, `baseline` may be no arm."""

    axes: tuple[str, ...]
    arms: list[tuple[str, ...]]
    baseline: tuple[str, ...] | None

    @property
    def name(self) -> str:
        return "+".join(self.axes)


@dataclass(frozen=True)
class Design:
    """The cells of a study in the order they are trained, and what the reader of its verdict must know."""

    kind: str
    cells: list[Cell]
    zip: list[list[str]] = field(default_factory=list)
    resolution: int | None = None  # letters in the shortest word that a fraction cannot tell from the mean
    aliases: fraction.Aliases = field(default_factory=dict)

    def facts(self) -> DesignFacts:
        """`design` of study.json.

        {"kind": "fraction", "zip": [["patch", "model.dim"]], "resolution": 4,
         "aliases": [{"effect": ["pos", "pool"], "with": [["patch+model.dim", "norm"], ...]}, ...]}

        An effect is a list of axes: one for a main effect, two for an interaction; zipped axes are one, joined
        by a plus. `resolution` is null and `aliases` empty but for a fraction.
        """
        mixed = [{"effect": list(term), "with": [list(t) for t in terms]} for term, terms in self.aliases.items()]
        return DesignFacts(kind=self.kind, zip=self.zip, resolution=self.resolution, aliases=mixed)


def design(
    axes: dict[str, list[str]], baseline: Cell, *, kind: str = "full", zipped: Zipped | None = None
) -> Design:
    """Axes with their choices, the baseline's choice on each, `sweep.design` and `sweep.zip` -> the cells.

    `zipped` is a list of axes, or a list of such lists, or None. one_at_a_time holds the baseline and each arm
    with all else as in the baseline (leave-one-out); a fraction is the smallest regular one with no main effect
    mixed with a two-way interaction (three axes have only their half, of resolution III), and holds the baseline.
    Raises ValueError, one line, for what cannot be done.
    """
    if kind not in KINDS:
        raise ValueError(f"sweep.design={kind}: no such design; {', '.join(KINDS)} are")
    together = groups(zipped, axes)
    factors = factors_of(axes, baseline, together)
    if kind == "one_at_a_time":
        return Design(kind, [joined(factors, arms) for arms in one_at_a_time(factors)], together)
    if kind == "full":
        everything = itertools.product(*(factor.arms for factor in factors))
        return Design(kind, [joined(factors, arms) for arms in everything], together)
    found = fraction.regular(two_arms(factors))
    firsts = [f.baseline if f.baseline in f.arms else f.arms[0] for f in factors]
    rows = itertools.product(*(factor.arms for factor in factors))
    cells = [
        joined(factors, arms) for arms in rows if found.holds([a != b for a, b in zip(arms, firsts, strict=True)])
    ]
    return Design(kind, cells, together, found.resolution, found.aliases())


def groups(zipped: Zipped | None, axes: dict[str, list[str]]) -> list[list[str]]:
    """`[patch,model.dim]` or a list of such lists -> the lists; ValueError for axes that cannot move together."""
    if not zipped:
        return []
    lists = zipped if isinstance(zipped[0], Sequence) and not isinstance(zipped[0], str) else [zipped]
    found = [[str(axis) for axis in group] for group in lists]
    names = [axis for group in found for axis in group]
    for group in found:
        text = f"sweep.zip=[{','.join(group)}]"
        if len(group) < 2:
            raise ValueError(f"{text}: two axes or more move together")
        for axis in group:
            if axis not in axes:
                raise ValueError(f"{text}: {axis} is not swept; the swept axes are {', '.join(axes) or 'none'}")
            if names.count(axis) > 1:
                raise ValueError(f"{text}: {axis} is named twice; an axis moves with one group")
        if len({len(axes[axis]) for axis in group}) > 1:
            lengths = ", ".join(f"{axis} has {len(axes[axis])}" for axis in group)
            raise ValueError(f"{text}: {lengths}; axes that move together need equally many choices")
    return found


def factors_of(axes: dict[str, list[str]], baseline: Cell, together: list[list[str]]) -> list[Factor]:
    """Axes as what varies on its own, in the order of the axes; a choice given twice is one."""
    found: list[Factor] = []
    for axis in axes:
        if not any(axis in factor.axes for factor in found):
            names = next((tuple(group) for group in together if axis in group), (axis,))
            arms = list(dict.fromkeys(zip(*(axes[name] for name in names), strict=True)))
            known = all(name in baseline for name in names)
            found.append(Factor(names, arms, tuple(baseline[name] for name in names) if known else None))
    return found


def one_at_a_time(factors: list[Factor]) -> list[tuple[tuple[str, ...], ...]]:
    """The baseline, then each other arm with all else as in the baseline; without one, the first arm stands in."""
    base = tuple(factor.baseline or factor.arms[0] for factor in factors)
    rows = [base]
    for place, factor in enumerate(factors):
        rows += [(*base[:place], arm, *base[place + 1 :]) for arm in factor.arms if arm != base[place]]
    return rows


def two_arms(factors: list[Factor]) -> list[str]:
    """Names of factors that a fraction can be taken of; ValueError, saying what would work, for others."""
    wrong = [
        f"{f.name} has {len(f.arms)} ({', '.join(map('+'.join, f.arms))})" for f in factors if len(f.arms) != 2
    ]
    if wrong:
        other = "name two choices of each axis, or take sweep.design=one_at_a_time"
        raise ValueError(f"sweep.design=fraction takes axes of two arms: {'; '.join(wrong)}; {other}")
    if not fraction.FEWEST <= len(factors) <= fraction.MOST:
        bounds = f"{fraction.FEWEST} to {fraction.MOST} axes of two arms"
        given = f"{len(factors)} {'is' if len(factors) == 1 else 'are'} swept"
        raise ValueError(
            f"sweep.design=fraction takes {bounds}, {given}; sweep.design=full or one_at_a_time works"
        )
    return [factor.name for factor in factors]


def joined(factors: list[Factor], arms: Sequence[tuple[str, ...]]) -> Cell:
    """The cell of one arm of each factor."""
    return {
        axis: choice
        for f, arm in zip(factors, arms, strict=True)
        for axis, choice in zip(f.axes, arm, strict=True)
    }
