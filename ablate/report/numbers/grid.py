"""The accuracies of a study as one array: seeds down, cells across."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

Arms = tuple[str, ...]  # one choice for each axis, in the order of the axes


@dataclass(frozen=True, eq=False)
class Grid:
    """What was measured, (seeds, cells), NaN without a result; `asked` says where there should be one."""

    levels: dict[str, list[str]]  # the choices of each axis that have a cell, in the order they were asked for
    cells: list[Arms]
    seeds: list[int]
    values: np.ndarray
    asked: np.ndarray

    @property
    def axes(self) -> tuple[str, ...]:
        return tuple(self.levels)


def filled(
    levels: dict[str, list[str]], asked: Iterable[tuple[Arms, int]], results: Iterable[tuple[Arms, int, float]]
) -> Grid:
    """A grid from what was asked for, (cell, seed), and what came of it, (cell, seed, value).

    `levels` orders the choices of each axis; choices that it does not know follow. Raises ValueError when one
    cell has two results for one seed: those are not runs of one recipe.
    """
    wanted, found = list(asked), list(results)
    cells = list(dict.fromkeys([c for c, _ in wanted] + [c for c, _, _ in found]))
    seeds = list(dict.fromkeys([s for _, s in wanted] + [s for _, s, _ in found]))
    known = {axis: [*order, *(c[i] for c in cells)] for i, (axis, order) in enumerate(levels.items())}
    there = {axis: {c[i] for c in cells} for i, axis in enumerate(levels)}
    present = {axis: [c for c in dict.fromkeys(order) if c in there[axis]] for axis, order in known.items()}
    cells.sort(key=lambda cell: [present[axis].index(c) for axis, c in zip(levels, cell, strict=True)])
    row, column = {s: i for i, s in enumerate(seeds)}, {c: i for i, c in enumerate(cells)}
    shape = len(seeds), len(cells)
    grid = Grid(present, cells, seeds, np.full(shape, np.nan), np.zeros(shape, dtype=bool))
    for cell, seed in wanted:
        grid.asked[row[seed], column[cell]] = True
    for cell, seed, value in found:
        if not np.isnan(grid.values[row[seed], column[cell]]):
            raise ValueError(
                f"two results for cell {' '.join(cell)} seed={seed}: these are not runs of one recipe"
            )
        grid.values[row[seed], column[cell]] = value
        grid.asked[row[seed], column[cell]] = True
    return grid
