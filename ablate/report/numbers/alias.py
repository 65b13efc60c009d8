"""Which effects a fraction of the grid cannot tell apart."""

import itertools

import numpy as np
import pandas as pd

from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.grid import Grid

Term = tuple[str, ...]  # the axes of an effect: one for a main effect, two for an interaction


def aliases(grid: Grid, order: int = 3) -> dict[Term, list[Term]]:
    """The effects mixed with each main effect and two-way interaction of a two-level fraction, up to `order`.

    Worked out from the cells that are there, so it holds whatever tool chose them; shorter effects come first.
    Two effects are mixed when their columns of signs over the cells are equal or opposite (Box, Hunter &
    Hunter 2005, chapter 6). Empty for a full grid, and for axes of more than two choices, whose fractions
    are not regular.
    """
    if any(len(grid.levels[axis]) != 2 for axis in grid.axes) or len(grid.cells) >= 2 ** len(grid.axes):
        return {}
    signs = np.array(
        [
            [1.0 if c == grid.levels[a][0] else -1.0 for a, c in zip(grid.axes, cell, strict=True)]
            for cell in grid.cells
        ]
    )
    columns = {
        tuple(grid.axes[i] for i in term): signs[:, term].prod(1)
        for size in range(1, order + 1)
        for term in itertools.combinations(range(len(grid.axes)), size)
    }
    return {
        term: mixed
        for term, column in columns.items()
        if len(term) <= 2
        and (mixed := [t for t, other in columns.items() if t != term and abs(column @ other) == len(column)])
    }


def resolution(mixed: dict[Term, list[Term]]) -> int | None:
    """Axes in the shortest product that is constant over the cells; 3 mixes main effects with pairs of axes."""
    return min((len(term) + len(other) for term, others in mixed.items() for other in others), default=None)


def told_apart(pairs: list[Contrast], mixed: dict[Term, list[Term]]) -> list[Contrast]:
    """One interaction of each mixed set, and none that a main effect is mixed with: each is tested once."""
    kept: list[Contrast] = []
    for contrast in pairs:
        others = mixed.get(contrast.axes, [])
        if not any(len(term) == 1 for term in others) and not any(one.axes in others for one in kept):
            kept.append(contrast)
    return kept


def marked(effects: pd.DataFrame, mixed: dict[Term, list[Term]]) -> pd.DataFrame:
    """A difference that may be that of an interaction of two is no verdict on its axis: `aliased`."""
    doubtful = [any(len(term) == 2 for term in mixed.get(axes, [])) for axes in effects["axes"]]
    clear = effects["verdict"].isin(["better", "worse"]) & np.array(doubtful, dtype=bool)
    return effects.assign(verdict=effects["verdict"].mask(clear, "aliased"))
