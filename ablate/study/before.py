"""What a study says before its first run: faults that the audit found, and results of other code."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ablate.config.locate import locate
from ablate.records import provenance, record
from ablate.records.metric import MetricFacts
from ablate.records.run_record import Config, RunRecord
from ablate.study.home import Home
from ablate.study.program import reuse
from ablate.study.runs import Run
from ablate.text import count


def counted(name: str, folder: Path, runs: list[Run], waiting: list[Run], twins: Mapping[str, str]) -> list[str]:
    """How many runs there are, and how many of them are settled; then the cells that equal another one."""
    due = {run.id for run in waiting}
    states = Counter(r.state for run in runs if run.id not in due and (r := record.find(folder / run.id)))
    ends = {"finished": states["done"], "failed": states["failed"]}
    settled = "".join(f", {n} {word} before" for word, n in ends.items() if n)
    same = [f"audit: {a} is the same as {b}; it is trained once" for a, b in twins.items()]
    return [f"{name}: {count(len(runs), 'run')}{settled}", *same]


def doubts(audit: str | None, runs: Iterable[Run], nuisance: Iterable[str]) -> list[str]:
    """What `audit`, the dotted path of `hydra.sweeper.audit`, finds in the runs, a line each.

    Keys in `nuisance` may differ between cells without being an arm, so the audit sees them with equal values.
    """
    if audit is None:
        return []
    warnings = locate(audit, key="hydra.sweeper.audit")
    try:
        found: list[str] = warnings([replace(run, config=levelled(run.config, nuisance)) for run in runs])
    except (Exception, SystemExit) as e:  # a part of the user's own may do anything
        return [f"not done ({type(e).__name__}: {e})"]
    return found


def audited(
    waiting: list[Run], runs: list[Run], alone: Iterable[list[str]], built: Callable[[list[str]], list[Run]]
) -> list[Run]:
    """The runs that the audit looks at: those that wait, and what shows their arms where they do not.

    These are finished `runs`, which are not composed, and cells that stand `alone` in a design, as overrides; of
    both `built` makes runs, none of what cannot be trained.
    """
    due = {run.id for run in waiting}
    there = beside(waiting, [run for run in runs if run.id not in due])
    return [run for row in there for run in built(row)] + waiting + [run for row in alone for run in built(row)]


def beside(waiting: list[Run], finished: list[Run]) -> list[list[str]]:
    """Overrides of the finished runs that a new arm is compared with."""
    seen = {arm for run in finished for arm in run.cell.items()}
    rows: dict[tuple[str, ...], list[str]] = {}  # by cell
    for run in waiting:
        for axis, choice in run.cell.items():
            if (axis, choice) in seen:
                continue
            seen.add((axis, choice))
            for other in finished:
                if other.cell == run.cell | {axis: other.cell[axis]}:
                    rows.setdefault(tuple(other.cell.values()), other.overrides)
    return list(rows.values())


def levelled(config: Config, nuisance: Iterable[str]) -> Config:
    """A config with equal values of the keys that may differ between cells; it shares what is not changed."""
    level = dict(config)
    for key in nuisance if config else ():
        *parents, leaf = key.split(".")
        node = level
        for name in parents:
            node[name] = node = dict(node.get(name) or {})
        node[leaf] = 1
    return level


def lines(folder: Path, runs: list[Run], waiting: list[Run], home: Home, metric: MetricFacts | None) -> list[str]:
    """What is said of the runs that are on the disk already: of other code, or nearly those that are asked for."""
    fresh = home.option("fresh")
    found = [of_other_code(folder, runs, fresh), without(metric, folder, runs, fresh) if metric else None]
    again = [] if home.is_ours or not waiting else reuse.lines(waiting, record.read_study(folder))
    return [line for line in (*found, *again) if line]


def finished(folder: Path, runs: list[Run]) -> list[RunRecord]:
    return [r for run in runs if (r := record.find(folder / run.id)) and r.state == "done"]


def without(metric: MetricFacts, folder: Path, runs: list[Run], fresh: str) -> str | None:
    """A line when finished runs have not the number that the study is now about."""
    lack = [r for r in finished(folder, runs) if metric.name not in r.metrics and metric.name not in r.cost]
    if not lack:
        return None
    there = ", ".join(sorted({name for r in lack for name in r.metrics})) or "none"
    return (
        f"{count(len(lack), 'finished run')} without {metric.name} (known: {there}); {fresh}=true does them again"
    )


def of_other_code(folder: Path, runs: list[Run], fresh: str) -> str | None:
    """A line when finished runs were made by another version of the code than would make them now."""
    found = finished(folder, runs)
    other = [changes for r in found if (changes := provenance.changed(r))]
    if not other:
        return None
    were = "was" if len(other) == 1 else "were"
    return (
        f"{len(other)} of {count(len(runs), 'run')} {were} made by another version of "
        f"{provenance.named(name for changes in other for name in changes)}; retrain with {fresh}=true"
    )
