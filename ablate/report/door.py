"""The verdict in Python: `ablate.read` for a study on disk, `ablate.verdict` for a metric from anywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ablate.records.metric import FRACTION, MetricFacts, unit_of
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report.findings import Criteria, Findings, find
from ablate.report.keys import method as known
from ablate.report.measure import OURS
from ablate.report.numbers.method import AUTO
from ablate.report.read import studies
from ablate.report.words.caveats import warnings
from ablate.report.words.decision import decision_sentences
from ablate.report.words.sentences import LABELS, verdict_sentences


@dataclass(frozen=True)
class Verdict:
    """What the comparable runs of a study show. Numbers are as in the records; `print` gives sentences.

    `runs` has a row a run, `cells` a row a cell, `effects` a row a pair of arms of one axis, `interactions` a row
    a pair of axes. `decision` says what to keep and what to run next, `sentences` the verdict on each pair;
    `warnings` what a reader must know before the numbers. `others` are the verdicts on runs that cannot be
    compared with these, of another recipe or device.
    """

    runs: pd.DataFrame
    cells: pd.DataFrame
    effects: pd.DataFrame
    interactions: pd.DataFrame
    decision: list[str]
    sentences: list[str]
    warnings: list[str]
    others: tuple["Verdict", ...] = ()

    def __str__(self) -> str:
        return "\n".join([*self.decision, *self.sentences, *self.warnings])

    __repr__ = __str__


def read(
    folder: str | Path,
    *more: str | Path,
    margin: float | None = None,
    baseline: Mapping[str, str] | None = None,
    together: Iterable[str] = (),
    metric: str | None = None,
    direction: str | None = None,
    method: str = AUTO,
) -> Verdict:
    """The verdict on the study in a folder, or on several as one, as `python -m ablate.report` gives it.

    A difference below `margin` does not matter; it is one of the metric's own numbers, and 0.001 for accuracies if
    nothing says otherwise. `baseline` maps an axis to the arm that its others are held against; `together` names
    facts (code, device) in which runs may differ. `metric` is a number of the records, and `direction` (maximize,
    minimize) says which way is better where its name does not. `method` (auto, paired, satterthwaite)
    is how differences get their intervals. Raises ValueError, one line.
    """
    records, plan = studies.read([Path(folder), *map(Path, more)])
    return _verdict(
        records,
        plan,
        Criteria(margin, dict(baseline or {}), tuple(together), metric, direction, method=known(method)),
    )


def verdict(
    frame: pd.DataFrame,
    *,
    metric: str = OURS,
    seed: str = "seed",
    axes: Iterable[str] | None = None,
    margin: float | None = None,
    baseline: Mapping[str, str] | None = None,
    direction: str | None = None,
    unit: str | None = None,
    method: str = AUTO,
) -> Verdict:
    """The verdict on a metric from anywhere: a row a run, with columns for axes, seed and metric.

    Accuracies are fractions in 0..1, or have the `unit` "%"; a missing value is a run that failed. `direction`
    (maximize, minimize) says which way is better where the metric's name does not.
    Without `axes` all other columns are
    axes. Runs with the same seed are compared in pairs. Raises ValueError, one line, for what is not so.
    """
    names = [str(c) for c in frame.columns if c not in (metric, seed)] if axes is None else list(axes)
    missing = [name for name in (*names, seed, metric) if name not in frame.columns]
    if missing or not names:
        has = ", ".join(map(str, frame.columns))
        raise ValueError(f"{', '.join(missing) or 'an axis'}: no such column; the frame has {has}")
    values = pd.to_numeric(frame[metric])
    if unit in (None, FRACTION) and unit_of(metric, []) == FRACTION and not values.dropna().between(0, 1).all():
        raise ValueError(f"{metric}: accuracies are fractions from 0 to 1; divide per cent by 100")
    if not (pd.api.types.is_integer_dtype(frame[seed]) or frame.empty):
        raise ValueError(f"{seed}: seeds are whole numbers")
    cells = frame[names].astype(str)
    if (twice := cells.assign(**{seed: frame[seed]}).duplicated()).any():
        row = frame[twice].iloc[0]
        where = " ".join(f"{name}={row[name]}" for name in (*names, seed))
        raise ValueError(f"{where} stands in two rows; a run has one")
    records = [
        RunRecord(
            id=f"row {row}",
            state="failed" if np.isnan(value) else "done",
            cell=dict(zip(names, cell, strict=True)),
            seed=int(number),
            metrics={metric: None if np.isnan(value) else float(value)},
        )
        for row, (cell, number, value) in enumerate(
            zip(cells.itertuples(index=False, name=None), frame[seed], values, strict=True)
        )
    ]
    facts = None if metric == OURS else MetricFacts(name=metric)
    plan = StudyPlan(axes={name: list(dict.fromkeys(cells[name])) for name in names}, metric=facts)
    return _verdict(
        records, plan, Criteria(margin, dict(baseline or {}), (), None, direction, unit, method=known(method))
    )


def _verdict(records: list[RunRecord], plan: StudyPlan, asked: Criteria) -> Verdict:
    found, differing = find(records, plan, asked)
    first, *others = [_of(part) for part in found]
    return Verdict(**vars(first) | {"warnings": warnings(found, differing), "others": tuple(others)})


def _of(part: Findings) -> Verdict:
    said = [f"{LABELS[s.verdict]}: {s.text}" if s.verdict else s.text for s in verdict_sentences(part)]
    decided = [f"{LABELS[s.verdict]}: {s.text}" for s in decision_sentences(part)]
    return Verdict(part.runs, part.cells, part.effects, part.interactions, decided, said, [])
