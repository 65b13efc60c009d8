"""Which differences a study can show: weights over its cells, worked out from the design alone.

A contrast is a list of contexts. In each context stand the runs that are compared (two for an effect, four
for an interaction), alike in everything else; the contrast is the mean over its contexts. With seeds as
blocks this gives one number a seed, and the spread of these numbers over the seeds is the error.
"""

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ablate.report.numbers.grid import Arms, Grid


@dataclass(frozen=True, eq=False)
class Contrast:
    """`arm` less `against`, averaged over contexts; an interaction is a difference of such differences."""

    axes: tuple[str, ...]  # one axis for an effect, two for an interaction
    arm: tuple[str, ...]
    against: tuple[str, ...]
    contexts: list[str]  # what each context holds fixed: `patch=4 pool=cls`
    weights: np.ndarray  # (contexts, cells), +1 and -1 where a cell takes part
    within: tuple[tuple[str, str], ...] = ()  # a simple effect's fixed arm

    @property
    def name(self) -> str:
        """`pos: learned - none`, `pos: learned - none at patch=4`, `pos x patch: learned - none, 4 - 7`."""
        pairs = ", ".join(f"{arm} − {other}" for arm, other in zip(self.arm, self.against, strict=True))
        place = " at " + " ".join(f"{axis}={arm}" for axis, arm in self.within) if self.within else ""
        return f"{' × '.join(self.axes)}: {pairs}{place}"


def main_effects(grid: Grid, baseline: dict[str, str] | None = None) -> list[Contrast]:
    """Every pair of arms of every axis, or each arm against the baseline's on the axes that `baseline` names.

    Pairs stand in contexts that hold both arms. A fraction has no such contexts; there, the mean over all
    cells of an arm less the mean over those of the other is used if the other axes are balanced between the
    two.
    """
    found = []
    for axis in grid.axes:
        arms = grid.levels[axis]
        fixed = (baseline or {}).get(axis)
        pairs = [(fixed, arm) for arm in arms if arm != fixed] if fixed else itertools.combinations(arms, 2)
        for against, arm in pairs:
            signs: dict[Arms, float] = {(arm,): 1.0, (against,): -1.0}
            contrast = _in_contexts(grid, (axis,), signs) or _balanced(grid, (axis,), signs)
            found += [contrast] if contrast else []
    return found


def interactions(grid: Grid, mains: list[Contrast]) -> list[Contrast]:
    """Difference of differences for two pairs of arms of two axes, wherever cells of all four kinds exist."""
    found = []
    for one, two in itertools.combinations(mains, 2):
        if one.axes == two.axes:
            continue
        axes = one.axes + two.axes
        signs = {
            one.arm + two.arm: 1.0,
            one.against + two.against: 1.0,
            one.arm + two.against: -1.0,
            one.against + two.arm: -1.0,
        }
        contrast = _in_contexts(grid, axes, signs) or _balanced(grid, axes, signs)
        found += [contrast] if contrast else []
    return found


def simple_effects(grid: Grid, interaction: Contrast) -> list[Contrast]:
    """The effect of each of the two axes within each arm of the other, for an interaction that is there."""
    found = []
    for this, other in ((0, 1), (1, 0)):
        for place in (interaction.against[other], interaction.arm[other]):
            signs: dict[Arms, float] = {(interaction.arm[this],): 1.0, (interaction.against[this],): -1.0}
            contrast = _in_contexts(grid, (interaction.axes[this],), signs, {interaction.axes[other]: place})
            found += [contrast] if contrast else []
    return found


def _in_contexts(
    grid: Grid, axes: tuple[str, ...], signs: dict[Arms, float], within: dict[str, str] | None = None
) -> Contrast | None:
    """A row of weights for each context where all combinations of arms in `signs` have a cell.

    The first combination in `signs` is the arm (or the two arms), the second what it is held against.
    """
    fixed = {grid.axes.index(axis): choice for axis, choice in (within or {}).items()}
    columns = [grid.axes.index(axis) for axis in axes]
    others = [i for i in range(len(grid.axes)) if i not in columns]
    places: dict[Arms, dict[Arms, int]] = {}
    for number, cell in enumerate(grid.cells):
        if all(cell[i] == choice for i, choice in fixed.items()):
            rest = tuple(cell[i] for i in others)
            places.setdefault(rest, {})[tuple(cell[i] for i in columns)] = number
    whole = {rest: members for rest, members in places.items() if signs.keys() <= members.keys()}
    if not whole:
        return None
    weights = np.zeros((len(whole), len(grid.cells)))
    for row, members in zip(weights, whole.values(), strict=True):
        for combination, sign in signs.items():
            row[members[combination]] = sign
    names = [" ".join(f"{grid.axes[i]}={c}" for i, c in zip(others, rest, strict=True)) for rest in whole]
    arm, against = list(signs)[:2]
    return Contrast(axes, arm, against, names, weights, tuple((within or {}).items()))


def _balanced(grid: Grid, axes: tuple[str, ...], signs: dict[Arms, float]) -> Contrast | None:
    """One context of all cells, the mean of each combination of arms weighted by its sign.

    None unless every other choice is as frequent in each combination as in the next: else the difference
    would be that of another axis as well.
    """
    columns = [grid.axes.index(axis) for axis in axes]
    weights, counts = np.zeros(len(grid.cells)), []
    for combination, sign in signs.items():
        members = [n for n, cell in enumerate(grid.cells) if tuple(cell[i] for i in columns) == combination]
        if not members:
            return None
        weights[members] = sign / len(members)
        others = [i for i in range(len(grid.axes)) if i not in columns]
        counts.append(
            [{c: f / len(members) for c, f in Counter(grid.cells[n][i] for n in members).items()} for i in others]
        )
    if any(count != counts[0] for count in counts):
        return None
    arm, against = list(signs)[:2]
    return Contrast(axes, arm, against, ["all cells of the fraction"], weights[None])
