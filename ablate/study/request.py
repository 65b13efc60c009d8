"""What a study is asked to be."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablate.records.metric import MetricFacts
from ablate.records.study_plan import DesignFacts, TunedFacts


@dataclass(frozen=True)
class Request:
    """What a study is asked to be: its name, its axes with the baseline's choices, and the overrides of its runs.

    `nuisance` names keys that differ between cells without being an axis. `design`, `looks`, `tunes` and `tuned`
    go into study.json. Cells in `only_audited` are not trained. Without `test` the runs never see test data.
    """

    name: str
    axes: list[str]
    baseline: dict[str, str]
    rows: list[list[str]]
    design: DesignFacts
    looks: list[int] | None = None
    tunes: list[str] | None = None
    tuned: TunedFacts | None = None
    nuisance: tuple[str, ...] = ()
    only_audited: Sequence[list[str]] = ()
    test: bool = True
    metric: MetricFacts | None = None  # null: the test accuracy of our own training
    program: tuple[str, ...] = ()  # the first words of its command, where that is not ablate.train
    seed_key: str | None = None  # of the program, where that is not ours
