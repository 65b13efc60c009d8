"""The effects of a study with its recipe as it is, and those with values tuned for each cell, side by side."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ablate.records import record
from ablate.records.damage import Damaged
from ablate.records.run_record import label
from ablate.records.study_plan import Chosen, StudyPlan, TunedFacts
from ablate.report.findings import Criteria, Findings, find
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.paired import estimate
from ablate.report.read import studies
from ablate.report.tables import Table
from ablate.text import NONE, change, count, percent


@dataclass(frozen=True)
class Pair:
    """Both studies, the first None if it is not at hand, and what was tuned."""

    fixed: Findings | None
    tuned: Findings
    facts: TunedFacts

    @property
    def keys(self) -> str:
        return ", ".join(self.facts.keys)

    @property
    def heading(self) -> str:
        return "Recipe as it is, and tuned" if self.fixed else "Tuned"


def beside(folders: list[Path], asked: Criteria) -> Pair | None:
    """NAME and NAME-tuned, one of which is the study in the folder; None if it was not tuned."""
    if len(folders) != 1:
        return None
    (folder,) = folders
    tuned = folder if _plan(folder).tuned else folder.with_name(f"{folder.name}-tuned")
    facts = _plan(tuned).tuned
    if not facts:
        return None
    fixed = tuned.with_name(facts.of)
    try:
        (two, *_), _ = find(*studies.read([tuned]), asked)
        if not _plan(fixed).runs:
            return Pair(None, two, facts)
        (one, *_), _ = find(*studies.read([fixed]), asked)
    except ValueError:  # a baseline that only one of them has
        return None
    return Pair(one, two, facts)


def _plan(folder: Path) -> StudyPlan:
    try:
        return record.read_plan(folder)
    except (OSError, Damaged):
        return StudyPlan()


def _rows(pair: Pair) -> list[tuple[Effect, Effect]]:
    """Pairs of arms that both studies compare."""
    tuned = {row.name: row for row in effects(pair.tuned.effects)}
    if pair.fixed is None:
        return []
    return [(row, tuned[row.name]) for row in effects(pair.fixed.effects) if row.name in tuned]


def sentences(pair: Pair) -> list[str]:
    """What tuning does to each effect, then which choices a reader should doubt."""
    lines = []
    for fixed, tuned in _rows(pair):
        lines.append(
            f"{fixed.axes[0]}: {change(fixed.arm[0], fixed.against[0])} "
            f"is {_said(fixed, pair)} with the recipe as it is, "
            f"{_said(tuned, pair)} with {pair.keys} tuned for each cell{_change(fixed, tuned, pair)}."
            + _turn(fixed.verdict, tuned.verdict)
        )
    edges = [one for one in pair.facts.chosen if one.edge]
    if edges:
        cells = "; ".join(label(one.cell) for one in edges[:4])
        more = f" and {len(edges) - 4} more cells" if len(edges) > 4 else ""
        lines.append(
            f"The best value is the smallest or the largest tried for {cells}{more}: others may be better."
        )
    return [*lines, how(pair)]


def how(pair: Pair) -> str:
    """By what the values were chosen, and what of the verdict's data that has seen."""
    facts = pair.facts
    tried = ", ".join(f"{key} of {', '.join(values)}" for key, values in facts.keys.items())
    name = facts.by.name if facts.by else "validation accuracy"
    seeds = f"{count(len(facts.seeds), 'seed')} that no verdict uses"
    if not facts.by:
        end = "; no test image was seen."
    elif facts.by.name == pair.tuned.measure.name:
        end = ". The verdict is about the same metric, on other seeds only."
    else:
        end = "."
    return f"Tuned: {tried}, the same for every cell, by mean {name} over {seeds}{end}"


def _change(fixed: Effect, tuned: Effect, pair: Pair) -> str:
    """What tuning adds to a difference, paired by seed; nothing if seeds were added until decided."""
    both = [seed for seed in fixed.seeds if seed in tuned.seeds]
    if pair.tuned.looks or fixed.left_out or tuned.left_out or len(both) < 2:
        return ""
    one, two = ([row.differences[row.seeds.index(seed)] for seed in both] for row in (fixed, tuned))
    if one == two:
        return ": no change"
    change = estimate(np.subtract(two, one), margin=0.0)
    said = pair.tuned.measure
    mean, low, high = float(change.mean), float(change.low), float(change.high)
    return "" if np.isnan(low) else f": a change of {said.difference(mean)} ({said.span(low, high)})"


def _turn(fixed: str, tuned: str) -> str:
    """A sentence for two verdicts that contradict each other. One that is not decided contradicts none."""
    decided = {fixed, tuned} <= {"better", "worse", "equivalent"}
    return " The verdict depends on the recipe." if decided and fixed != tuned else ""


def _said(row: Effect, pair: Pair) -> str:
    word = "no verdict" if row.verdict == "none" else row.verdict
    mean, interval = pair.tuned.measure.difference(row.mean), pair.tuned.measure.span(row.low, row.high)
    return f"{mean} ({word})" if interval == NONE else f"{mean} ({interval}, {word})"


def shown(pair: Pair) -> list[Table]:
    """The tables that a page has of it."""
    return [*([side_by_side(pair)] if pair.fixed else []), chosen(pair)]


def side_by_side(pair: Pair) -> Table:
    """Each pair of arms with the fixed recipe and tuned."""
    rows = []
    for row in _rows(pair):
        said = pair.tuned.measure
        texts = [[said.difference(r.mean), said.span(r.low, r.high), str(r.n), r.verdict] for r in row]
        rows.append([row[0].name, *texts[0], *texts[1]])
    columns = ["difference", "95 %", "n", "verdict"]
    return Table(
        "tuned", ["contrast", *(f"{c}, recipe" for c in columns), *(f"{c}, tuned" for c in columns)], rows
    )


def chosen(pair: Pair) -> Table:
    """The values chosen for each cell, and the candidates that failed."""
    keys = list(pair.facts.keys)
    rows = []
    for one in pair.facts.chosen:
        failed = "; ".join(label(values) for values in one.failed) or NONE
        values = [one.values[key] + (" (edge)" if key in one.edge else "") for key in keys]
        rows.append([label(one.cell), *values, score(one), failed])
    of = pair.facts.by.name if pair.facts.by else "validation acc %"
    return Table("chosen", ["cell", *keys, of, "failed"], rows).without_empty()


def score(one: Chosen) -> str:
    """The mean that the values of a cell had."""
    if one.val_acc is not None:
        return percent(one.val_acc)
    return NONE if one.score is None else f"{one.score:.4g}"
