"""`sweep.budget`: how many epochs each cell trains, so that all spend as much as the baseline."""

from ablate.config.errors import UserError
from ablate.config.words import Words, replaced
from ablate.records.run_record import RunRecord, label
from ablate.study.design import budget
from ablate.study.design.combinations import Cell, Combinations
from ablate.study.experiment import Experiment
from ablate.study.launch.elsewhere import Here
from ablate.study.runs import Load, compose_all

Costs = dict[str, float]  # of one epoch, in any unit, by the label of the cell


def cells(grid: Combinations, rows: list[Words]) -> list[Cell]:
    """The cells of the rows, each once, and the baseline."""
    found = [grid.cell(row) for row in rows] + [grid.baseline]
    return [dict(cell) for cell in dict.fromkeys(tuple(sorted(cell.items())) for cell in found)]


def flops(rows: list[Words], axes: list[str], load: Load, experiment: Experiment, call: Here) -> Costs:
    """FLOPs of training with one example, of a row for each cell.

    UserError where the experiment does not know them.
    """
    runs, problems = compose_all(rows, axes, load, experiment, call=call)
    if problems:
        raise UserError(*problems)
    found: Costs = {}
    for run in runs:
        one = call(experiment.flops, run.config)
        if one is None:
            raise UserError(
                f"sweep.budget=flops: the FLOPs of {label(run.cell)} are not known; sweep.budget=seconds works"
            )
        found[label(run.cell)] = one
    return found


def seconds(records: list[RunRecord]) -> Costs:
    """Seconds of an epoch, for each cell whose run is done."""
    return {label(r.cell): budget.per_epoch(r, "seconds") for r in records}


def equal(costs: Costs, baseline: Cell, epochs: int, kind: str) -> dict[str, int]:
    """Epochs of each cell by its label, that spend as much as `epochs` of the baseline; says where they do not.

    UserError when that is less than an epoch.
    """
    try:
        reference = costs[label(sorted(baseline.items()))]
        given = budget.equal_epochs(costs, reference, epochs, kind)
    except ValueError as e:
        raise UserError(str(e)) from None
    if line := budget.coarse(budget.shares(costs, reference, epochs, given), epochs, given, kind):
        print(line)
    return given


def on_budget(grid: Combinations, row: Words, given: dict[str, int]) -> Words:
    """A row with the epochs of its cell; `given` is empty where all train the recipe's."""
    cell = label(sorted(grid.cell(row).items()))
    return replaced(row, f"epochs={given[cell]}") if given else row
