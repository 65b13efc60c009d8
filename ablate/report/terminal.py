"""The cells of a study as a table on the terminal, plain without one; and the seeds that a difference needs."""

import math
import statistics
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from ablate.console import FittedTable
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report.measure import Measure, NothingAsked
from ablate.report.measure import measure as measure_of
from ablate.report.values import number
from ablate.text import NONE, seconds, si

if TYPE_CHECKING:
    import pandas as pd

    from ablate.report.numbers.grid import Arms


COST = {  # heading -> field of the record's `cost`, how it is printed
    "tokens": ("tokens", si),
    "params": ("params", si),
    "FLOPs\n/image": ("flops_per_image", si),
    "images\n/s": ("images_per_s", si),
    "train\ns": ("train_s", seconds),
}


def cells_table(
    records: list[RunRecord], axes: list[str], *, plan: StudyPlan | None = None, measure: Measure | None = None
) -> Group:
    """A row a cell: the metric (mean, sd over seeds), n seeds done, and what the cell costs.

    `records` are those of one study, `axes` the swept axes in the order of their columns. With the study's
    `plan` (study.json) the rows stand in the order in which the choices were asked for, runs without a record
    are counted, and the baseline is marked. Costs are means over the runs that are done. The causes of
    failures are below the table. Without a `measure` the metric is that of the plan, or test accuracy.
    """
    measure = measure or measure_of(records, plan.metric if plan else None, NothingAsked())
    shown = {head: cost for head, cost in COST.items() if measure.own or _known(records, cost[0])}
    shown = {head: cost for head, cost in shown.items() if cost[0] != measure.name}
    table = FittedTable(axes, [measure.heading, "n", *shown], least=2)
    baseline = _baseline(plan, axes)
    cells = _by_cell(records, axes, plan)
    for cell, runs in cells.items():
        done = [run for run in runs if run.state == "done"]
        name = list(cell)
        if cell == baseline:
            name[-1] += " *"
        count = str(len(done)) if len(done) == len(runs) else f"{len(done)}/{len(runs)}"
        costs = [show(_mean([run.cost.get(field) for run in done])) for field, show in shown.values()]
        table.add(name, [_headline(runs, done, measure), count, *costs], style="bold" if cell == baseline else "")
    notes = [Text("* baseline")] if baseline in cells else []
    return Group(table, *notes, *_unfinished(cells, axes))


def _baseline(plan: StudyPlan | None, axes: list[str]) -> "Arms | None":
    known = plan.baseline if plan else {}
    return tuple(known[axis] for axis in axes) if axes and set(axes) <= set(known) else None


def _by_cell(records: list[RunRecord], axes: list[str], plan: StudyPlan | None) -> "dict[Arms, list[RunRecord]]":
    """Runs of each cell in the order of the plan's choices, or of the records where there is no plan."""
    runs = list(records)
    if plan:
        have = {run.id for run in records}
        runs += [run.waiting() for run in plan.runs if run.id not in have]
    cells: dict[Arms, list[RunRecord]] = {}
    for run in runs:
        cells.setdefault(tuple(run.cell[axis] for axis in axes), []).append(run)
    orders = []
    for column, axis in enumerate(axes):
        asked = plan.axes.get(axis, []) if plan else []
        orders.append(list(dict.fromkeys([*asked, *(cell[column] for cell in cells)])))
    return dict(sorted(cells.items(), key=lambda item: [o.index(c) for o, c in zip(orders, item[0], strict=True)]))


def _headline(runs: list[RunRecord], done: list[RunRecord], measure: Measure) -> Text:
    if done:
        values = [value for run in done if (value := number(run, measure.name)) is not None]
        sd = statistics.stdev(values) if len(values) > 1 else math.nan
        return Text(measure.spread(statistics.mean(values), sd) if values else NONE)
    states = [run.state for run in runs]
    return Text(
        min(states, key=["running", "failed", "not started"].index),
        style="red" if "failed" in states else "dim",
    )


def _known(records: list[RunRecord], cost: str) -> bool:
    return any(run.cost.get(cost) is not None for run in records)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def _unfinished(cells: "dict[Arms, list[RunRecord]]", axes: list[str]) -> list[Text]:
    """Every cause of failure with the runs that failed of it, then how many runs are still to come."""
    struck: dict[str, list[str]] = {}
    waiting: Counter[str] = Counter()
    for cell, runs in cells.items():
        seeds: dict[str, list[str]] = {}
        for run in runs:
            if run.state == "failed":
                cause = (run.error or "no cause was recorded").strip().splitlines()[0]
                seeds.setdefault(cause, []).append(str(run.seed))
            elif run.state != "done":
                waiting[run.state] += 1
        for cause, which in seeds.items():
            arms = [f"{axis}={choice}" for axis, choice in zip(axes, cell, strict=True)]
            struck.setdefault(cause, []).append(" ".join([*arms, f"seed={','.join(which)}"]))
    lines = []
    for cause, where in struck.items():
        lines += [Text(f"failed: {cause}", style="red"), *(Text(f"  {run}") for run in where)]
    return lines + [Text(f"{state}: {count}") for state, count in sorted(waiting.items(), reverse=True)]


def seeds_table(effects: "pd.DataFrame", measure: Measure, effect: float, method: str) -> Group:
    """Seeds that each pair of arms needs to show a difference `effect`, as it is read, given the spread so far."""
    from ablate.report.numbers.power import POWER, planned

    headings = [
        "seeds\nso far",
        f"sd over seeds\n{measure.step}".strip(),
        f"seeds for\n{effect:g} {measure.step}".strip(),
    ]
    table = FittedTable(["contrast"], headings, least=3, named=False)
    for row in planned(effects, measure.margin, measure.records_own(effect), method).itertuples():
        needed = str(row.seeds_needed).replace("<NA>", NONE)
        table.add([row.name], [str(row.n), measure.difference(row.sd, sign=False), needed])
    level = f"{100 * POWER:g} % power, at the level that Holm leaves to each pair; a spread takes two seeds"
    return Group(table, Text(level, style="dim"))
