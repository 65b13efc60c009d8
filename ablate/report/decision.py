"""What to keep: the cells that could be the best, and what is known of each axis among the arms that are left."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ablate.report.family import family
from ablate.report.measure import Measure
from ablate.report.numbers.alias import Term, aliases, told_apart
from ablate.report.numbers.best import best_cells
from ablate.report.numbers.contrasts import interactions, main_effects, simple_effects
from ablate.report.numbers.grid import Arms, Grid
from ablate.report.numbers.paired import ALPHA
from ablate.report.numbers.power import planned
from ablate.report.numbers.sequential import looks_begun, shares

COSTS = {  # report.cost -> field of a cell, whether more of it is cheaper
    "flops": ("flops_per_image", False),
    "params": ("params", False),
    "train_s": ("train_s", False),
    "images_per_s": ("images_per_s", True),
}


@dataclass(frozen=True)
class Decision:
    """What a reader is to do, in cells and arms; the words are in words/decision.py."""

    best: Arms
    possible: list[Arms]  # could be the best with 95 % confidence, the best first
    cheapest: Arms
    cost: str | None  # a key of COSTS; None if no cost is known of all of `possible`
    ruled_out: list[Arms]
    unknown: list[Arms]  # no run is done
    tested: bool  # whether two seeds or more allow to rule anything out
    left: dict[str, list[str]]  # axis -> arms that some cell of `possible` has
    grid: Grid  # the cells of these arms
    effects: pd.DataFrame  # of these arms over these cells, a family of their own
    interactions: pd.DataFrame
    simple: pd.DataFrame

    @property
    def most_seeds(self) -> int:
        """The largest number of results that a cell has."""
        return int((~np.isnan(self.grid.values)).sum(0).max())

    @property
    def is_part(self) -> bool:
        """Whether arms were dropped, so that `effects` are others than those of the whole study."""
        return bool(self.ruled_out) and len(self.grid.cells) < len(self.ruled_out) + len(self.possible)


def decide(
    grid: Grid,
    cells: pd.DataFrame,
    read_as: Measure,
    looks: list[int],
    mixed: dict[Term, list[Term]],
    against: dict[str, str],
    cost: str | None,
    method: str,
) -> Decision | None:
    """None for a study of one cell, or without a result. A fraction keeps all its arms: it mixes their effects."""
    there = ~np.isnan(grid.values).all(0)
    if len(grid.cells) < 2 or not there.any():
        return None
    found = best_cells(grid.values, read_as.sign, ALPHA * _share(grid, looks), exact=read_as.is_cost)
    means = dict(zip(cells["cell"], read_as.sign * cells[f"{read_as.name}_mean"], strict=True))
    order = sorted(range(len(grid.cells)), key=lambda i: (i != found.best, -means[grid.cells[i]]))
    possible = [grid.cells[i] for i in order if found.possible[i]]
    left = {
        axis: arms if mixed else [arm for arm in arms if any(cell[i] == arm for cell in possible)]
        for i, (axis, arms) in enumerate(grid.levels.items())
    }
    part = reduced(grid, left)
    held = {axis: arm for axis, arm in against.items() if arm in left[axis]}
    mains = main_effects(part, held)
    within = aliases(part)
    pairs = told_apart(interactions(part, mains), within)
    between = family(part, pairs, read_as, looks, method)
    there_too = [contrast for contrast, p in zip(pairs, between["p_holm"], strict=True) if p < ALPHA]
    simple = {contrast.name: contrast for one in there_too for contrast in simple_effects(part, one)}
    name, cheapest = cheapest_of(possible, cells, means, cost)
    return Decision(
        best=possible[0],
        possible=possible,
        cheapest=cheapest,
        cost=name,
        ruled_out=[cell for i, cell in enumerate(grid.cells) if there[i] and not found.possible[i]],
        unknown=[cell for i, cell in enumerate(grid.cells) if not there[i]],
        tested=bool(((~np.isnan(grid.values)).sum(0) >= 2).sum() >= 2),
        left=left,
        grid=part,
        effects=planned(family(part, mains, read_as, looks, method), read_as.margin, method=method),
        interactions=between,
        simple=family(part, list(simple.values()), read_as, looks, method),
    )


def _share(grid: Grid, looks: list[int]) -> float:
    """What the look that was reached may spend of the level; all of it for a fixed number of seeds."""
    if not looks:
        return 1.0
    contrasts = main_effects(grid)
    reached = max((looks_begun(grid, contrast, looks) for contrast in contrasts), default=1)
    return float(shares(looks)[reached - 1])


def reduced(grid: Grid, left: dict[str, list[str]]) -> Grid:
    """The cells of the arms that are left."""
    kept = [
        i
        for i, cell in enumerate(grid.cells)
        if all(arm in left[a] for a, arm in zip(grid.axes, cell, strict=True))
    ]
    cells = [grid.cells[i] for i in kept]
    return Grid(dict(left), cells, grid.seeds, grid.values[:, kept], grid.asked[:, kept])


def cheapest_of(
    possible: list[Arms], cells: pd.DataFrame, means: dict[Arms, float], cost: str | None
) -> tuple[str | None, Arms]:
    """The cost by which cells are compared, and the cheapest; of equally cheap ones the better."""
    rows = cells.set_index("cell")
    for name in [cost] if cost else COSTS:
        field, more_is_cheaper = COSTS[name]
        known = {cell: float(rows[field][[cell]].iloc[0]) for cell in possible}
        if not any(np.isnan(value) for value in known.values()):
            sign = -1 if more_is_cheaper else 1
            return name, min(possible, key=lambda cell: (sign * known[cell], -means[cell]))
    return None, possible[0]
