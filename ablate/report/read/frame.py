"""Records and plan of a study -> its runs as a frame, and their accuracies as a grid."""

import pandas as pd

from ablate.records.run_record import RunRecord
from ablate.records.study_plan import RunEntry
from ablate.report.numbers.cells import COSTS
from ablate.report.numbers.grid import Arms, Grid, filled
from ablate.report.values import number

Levels = dict[str, list[str]]  # axis -> its choices in the order asked for


def runs_frame(
    records: list[RunRecord], asked: list[RunEntry], levels: Levels, measures: list[str]
) -> pd.DataFrame:
    """A row for each run that is there or was asked for, by cell and seed; `cell` has a choice for each axis.

    A column for each of `measures`, which are numbers of the records.
    """
    have = {r.id for r in records}
    waiting = [run.waiting() for run in asked if run.id not in have]
    rows = [_row(run, levels, measures) for run in [*records, *waiting]]
    columns = [
        "cell",
        "seed",
        "state",
        *dict.fromkeys([*measures, *COSTS]),
        "id",
        "error",
        "folder",
        "started",
        "ended",
    ]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)  # else pandas makes a missing text a NaN
    frame = frame.astype(dict.fromkeys([*measures, *COSTS], float))
    places = [
        [*(choices.index(c) for choices, c in zip(levels.values(), cell, strict=True)), seed]
        for cell, seed in zip(frame["cell"], frame["seed"], strict=True)
    ]
    return frame.iloc[sorted(range(len(frame)), key=places.__getitem__)].reset_index(drop=True)


def _row(run: RunRecord, levels: Levels, measures: list[str]) -> dict[str, object]:
    row = {key: getattr(run, key) for key in ("id", "state", "seed", "error", "folder", "started", "ended")}
    row["cell"] = tuple(run.cell[axis] for axis in levels)
    return row | {name: run.cost.get(name) for name in COSTS} | {name: number(run, name) for name in measures}


def zipped(runs: pd.DataFrame, levels: Levels, groups: list[list[str]]) -> tuple[pd.DataFrame, Levels]:
    """Axes of a group become one: `patch+model.dim` with the choices `4+64` and `7+96`."""
    names = list(levels)
    ordered: list[list[str]] = []
    for axis in names:
        if not any(axis in group for group in ordered):
            ordered.append(next((group for group in groups if axis in group), [axis]))
    columns = [[names.index(axis) for axis in group] for group in ordered]
    cells = list(dict.fromkeys(runs["cell"]))
    joined = {cell: tuple("+".join(cell[i] for i in group) for group in columns) for cell in cells}
    order = {
        "+".join(group): levels[group[0]]
        if len(group) == 1
        else list(dict.fromkeys(c[n] for c in joined.values()))
        for n, group in enumerate(ordered)
    }
    return runs.assign(cell=runs["cell"].map(joined)), order


def together(runs: pd.DataFrame, levels: Levels) -> list[list[str]]:
    """Axes that only ever change together, for a study that does not say how it was designed."""
    cells = list(dict.fromkeys(runs["cell"]))
    groups: list[list[int]] = []
    for column in range(len(levels)):
        group = next((g for g in groups if _together(cells, g[0], column)), None)
        if group:
            group.append(column)
        else:
            groups.append([column])
    return [[list(levels)[i] for i in group] for group in groups if len(group) > 1]


def _together(cells: list[Arms], one: int, two: int) -> bool:
    pairs = {(cell[one], cell[two]) for cell in cells}
    return len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs) > 1


def grid_of(runs: pd.DataFrame, levels: Levels, measure: str) -> Grid:
    """What was measured of the runs, (seeds, cells). Raises ValueError for two results of one cell and seed."""
    done = runs[runs["counted"]].dropna(subset=[measure])
    asked = sorted(zip(runs["cell"], runs["seed"], strict=True), key=lambda run: run[1])
    return filled(levels, asked, zip(done["cell"], done["seed"], done[measure], strict=True))
