"""`sweep.seeds=auto`: which runs a study should do next, while pairs of arms are undecided."""

from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report.findings import Criteria, examine, held_against
from ablate.report.measure import measure
from ablate.report.numbers.contrasts import main_effects
from ablate.report.numbers.sequential import next_seeds
from ablate.report.read.frame import runs_frame


def next_runs(
    records: list[RunRecord], plan: StudyPlan, asked: Criteria, first: int = 0
) -> list[tuple[dict[str, str], int]]:
    """Cells and seeds of the next batch, empty when all is decided or the most seeds are used up.

    `plan` is study.json with `looks`, the seeds at each look (combinations.looks in study.design);
    seeds count from `first`. Only cells that take part in an undecided pair of arms get more seeds. Ask again when
    the whole batch is done.
    """
    read_as = measure(records, plan.metric, asked)
    found = examine({}, records, plan.runs, plan, asked, read_as)
    contrasts = main_effects(found.grid, held_against(found.grid, plan, asked.baseline))
    wanted = next_seeds(found.grid, contrasts, found.effects, found.looks)
    # Zipped axes were made one; the rows still are those of the plan's own cells.
    plain = runs_frame(records, plan.runs, plan.axes, [read_as.name])
    cells = dict(zip(found.runs["cell"], plain["cell"], strict=True))
    have = set(zip(found.runs["cell"], found.runs["seed"], strict=True))
    return [
        (dict(zip(plan.axes, cells[cell], strict=True)), seed)
        for cell, seeds in wanted.items()
        for seed in range(first, first + seeds)
        if (cell, seed) not in have
    ]
