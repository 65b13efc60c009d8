"""Which effects a fraction of the grid cannot tell apart."""

import itertools

import numpy as np

from ablate.report.numbers.grid import Grid

Term = tuple[str, ...]  # the axes of an effect: one for a main effect, two for an interaction


def aliases(grid: Grid, order: int = 3) -> dict[Term, list[Term]]:
    """The effects mixed with each main effect and two-way interaction of a two-level fraction, up to `order`.

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
