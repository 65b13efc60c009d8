"""`sweep.seeds=auto`: the runs that are needed next for pairs of arms that are not decided yet."""

from ablate.config.words import Words
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.study.design.combinations import Combinations


def undecided(records: list[RunRecord], plan: StudyPlan, grid: Combinations) -> list[Words]:
    """Overrides of the next runs; none where all is decided, or a run has failed."""
    from ablate.report.findings import Criteria
    from ablate.report.next_seeds import next_runs

    if any(r.state != "done" for r in records):
        return []  # these come first; the same command then goes on
    first = grid.home.first_seed
    return [grid.row(cell, grid.seed_word(seed)) for cell, seed in next_runs(records, plan, Criteria(), first)]
