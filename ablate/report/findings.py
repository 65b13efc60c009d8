"""All the numbers of a study, worked out once for the terminal and the pages."""

from dataclasses import dataclass, field
from operator import ne

import numpy as np
import pandas as pd

from ablate.records.run_record import RunRecord
from ablate.records.study_plan import RunEntry, StudyPlan
from ablate.report.decision import Decision, decide
from ablate.report.failures import counted
from ablate.report.family import family
from ablate.report.measure import Measure, measure
from ablate.report.numbers.alias import Term, aliases, marked, told_apart
from ablate.report.numbers.cells import cells_frame
from ablate.report.numbers.contrasts import interactions, main_effects, simple_effects
from ablate.report.numbers.grid import Grid
from ablate.report.numbers.images import Classes, with_images
from ablate.report.numbers.method import AUTO
from ablate.report.numbers.paired import ALPHA
from ablate.report.numbers.power import planned
from ablate.report.numbers.variance import variance_frame, whole
from ablate.report.read import predictions
from ablate.report.read.frame import Levels, grid_of, runs_frame, together, zipped
from ablate.report.read.groups import Facts, apart, differences
from ablate.text import count

BESIDE = {"test_acc": ["test_loss"]}  # shown besides a metric of our own training
GUESSED = (
    "Guessed: nothing in W&B says how this study was designed, so it is taken for a full grid with a fixed "
    "number of seeds; if seeds were added until all was decided, the p values here are too small."
)


@dataclass(frozen=True)
class Criteria:
    """What a reader asks of a report."""

    margin: float | None = (
        None  # a difference below it does not matter; None: the metric's own, or that of the study
    )
    baseline: dict[str, str] = field(default_factory=dict)  # axis -> the arm that all its others are compared with
    together: tuple[str, ...] = ()  # facts in which runs may differ and still be compared
    metric: str | None = None  # a number of the records; None: the study's own
    direction: str | None = None  # maximize, minimize; None: as the metric's name says
    unit: str | None = None  # of the metric; `fraction` is shown in per cent
    failures: str = "missing"  # or `chance`: what a failed run counts as
    method: str = AUTO  # of numbers/method.py: how a difference gets its interval
    images: bool = True  # whether test images are looked at, which takes seconds
    cost: str | None = None  # flops, params, train_s, images_per_s: by which the cheapest cell is found
    margin_shown: float | None = None  # the margin as people read the metric: in points, where that is a fraction


@dataclass(frozen=True)
class Findings:
    """What one group of comparable runs shows."""

    facts: Facts
    records: list[RunRecord]
    design: str  # full, one_at_a_time or fraction; "" when the study does not say
    levels: Levels
    runs: pd.DataFrame
    grid: Grid
    cells: pd.DataFrame
    effects: pd.DataFrame
    interactions: pd.DataFrame
    simple: pd.DataFrame  # within each arm of the other axis, for the interactions that are there
    variance: pd.DataFrame | None
    aliases: dict[Term, list[Term]]
    classes: Classes
    looks: list[int]  # seeds at each look of a sequential study; empty for a fixed number of seeds
    notes: list[str]  # what could not be worked out, and why
    asked: Criteria
    measure: Measure
    plan: StudyPlan
    decision: Decision | None  # None for one cell, or without a result


def find(records: list[RunRecord], plan: StudyPlan, asked: Criteria) -> tuple[list[Findings], list[str]]:
    """Findings for each group of comparable runs, and lines that say in what the groups differ.

    What was asked for but has no record is counted in the first group, the one with most finished runs.
    Raises ValueError for a baseline that the study does not have.
    """
    read_as = measure(records, plan.metric, asked)
    groups = apart(records, list(plan.axes), asked.together)
    elsewhere = {r.id for group in groups[1:] for r in group.records}
    waiting = [run for run in plan.runs if run.id not in elsewhere]
    if not groups:
        return [examine({}, [], waiting, plan, asked, read_as)], []
    found = [
        examine(g.facts, g.records, waiting if i == 0 else [], plan, asked, read_as) for i, g in enumerate(groups)
    ]
    return found, differences(groups)


def examine(
    facts: Facts,
    records: list[RunRecord],
    waiting: list[RunEntry],
    plan: StudyPlan,
    asked: Criteria,
    read_as: Measure,
) -> Findings:
    """Findings for records of one group, and runs it still waits for."""
    names = list(dict.fromkeys([read_as.name, *BESIDE.get(read_as.name, [])]))
    frame = runs_frame(records, waiting, plan.axes, names)
    frame = counted(frame, records, read_as, asked.failures)
    runs, levels = zipped(frame, plan.axes, plan.design.zip if plan.design else together(frame, plan.axes))
    grid = grid_of(runs, levels, read_as.name)
    looks: list[int] = plan.looks or []
    against = held_against(grid, plan, asked.baseline)
    mains = main_effects(grid, against)
    mixed = aliases(grid)
    pairs = told_apart(interactions(grid, mains), mixed)
    between = family(grid, pairs, read_as, looks, asked.method)
    there = [contrast for contrast, p in zip(pairs, between["p_holm"], strict=True) if p < ALPHA]
    simple = {contrast.name: contrast for one in there for contrast in simple_effects(grid, one)}
    effects = family(grid, mains, read_as, looks, asked.method)
    effects = marked(planned(effects, read_as.margin, method=asked.method), mixed)
    cells = cells_frame(runs, names, read_as.sign)
    table, no_table = whole(grid, read_as.title.removeprefix("test "))
    images, no_images = predictions.read(runs, grid) if read_as.is_ours and asked.images else (None, [])
    effects, classes = with_images(effects, grid.seeds, images.correct, images.label) if images else (effects, {})
    return Findings(
        facts=facts,
        records=records,
        design=kind_of(plan, grid),
        levels=levels,
        runs=runs,
        grid=grid,
        cells=cells,
        effects=effects,
        interactions=between,
        simple=family(grid, list(simple.values()), read_as, looks, asked.method),
        variance=None if table is None else variance_frame(table, grid.axes),
        aliases=mixed,
        classes=classes,
        looks=looks,
        notes=[
            *([GUESSED] if plan.guessed and mains else []),
            *([f"No shares of variance: {no_table}."] if no_table and mains else []),
            *_shares_of(table, grid),
            *(no_images if mains else []),
        ],
        asked=asked,
        measure=read_as,
        plan=plan,
        decision=decide(grid, cells, read_as, looks, mixed, against, asked.cost, asked.method),
    )


def _shares_of(table: np.ndarray | None, grid: Grid) -> list[str]:
    if table is None or len(table) == len(grid.seeds):
        return []
    seeds = count(len(grid.seeds), "seed")
    return [f"Shares of variance are over the {len(table)} of {seeds} that are complete in all cells."]


def held_against(grid: Grid, plan: StudyPlan, baseline: dict[str, str]) -> dict[str, str]:
    """Axis -> the arm that its others are compared with: as asked, or the baseline of one_at_a_time."""
    for axis, arm in baseline.items():
        if axis not in grid.levels:
            raise ValueError(f"report.baseline={axis}={arm}: the axes here are {', '.join(grid.levels) or 'none'}")
        if arm not in grid.levels[axis]:
            raise ValueError(f"report.baseline={axis}={arm}: {axis} has {', '.join(grid.levels[axis])}")
    if baseline or kind_of(plan, grid) != "one_at_a_time":
        return baseline
    return {axis: arm for axis, arm in plan.baseline.items() if arm in grid.levels.get(axis, [])}


def kind_of(plan: StudyPlan, grid: Grid) -> str:
    """Which design a study has; "" when it does not say, or when it says one at a time and has more cells."""
    kind = plan.design.kind if plan.design else ""
    return "" if kind == "one_at_a_time" and not is_star(grid, plan.baseline) else kind


def is_star(grid: Grid, baseline: dict[str, str]) -> bool:
    """Whether no cell differs from the baseline in two axes; zipped ones count as one."""
    center = ["+".join(baseline.get(part, "") for part in axis.split("+")) for axis in grid.axes]
    return all(sum(map(ne, cell, center)) <= 1 for cell in grid.cells)
