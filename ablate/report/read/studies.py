"""Folders of studies -> one list of records and one plan, every run with a choice on every axis."""

from dataclasses import replace
from pathlib import Path

from ablate.records import faults, record
from ablate.records.run_record import RunRecord, value_of
from ablate.records.study_plan import StudyPlan
from ablate.text import count


def read(folders: list[Path]) -> tuple[list[RunRecord], StudyPlan]:
    """Records and plan of one study, or of several as if one command had asked for them all.

    Raises ValueError, one line, when a folder holds no study, with folders that do.
    """
    plans: list[StudyPlan] = []
    records: list[RunRecord] = []
    damaged: list[str] = []
    for folder in folders:
        plan, found, bad = _plan(folder), record.read_study(folder), faults.unusable(folder)
        if not found and not plan.runs:
            raise ValueError(_no_study(folder) if not bad else lines(bad)[0])
        damaged += [f"Left out: {line}." for line in lines(bad)] + faults.newer(folder, plan, found)
        if plan.tuned and (others := _of_other_values(plan, found)):
            damaged.append(f"Left out: {count(len(others), 'run')} with values that an earlier tuning chose.")
            found = [one for one in found if one.id not in others]
        plans.append(plan)
        records += found
    runs, plan = _on_all_axes(_once(records), _joined(plans))
    return runs, replace(plan, damaged=damaged)


def _plan(folder: Path) -> StudyPlan:
    """study.json, or one that says nothing: it may be damaged, and other tools may leave records alone."""
    try:
        return record.read_plan(folder)
    except (OSError, ValueError):
        return StudyPlan()


def _of_other_values(plan: StudyPlan, records: list[RunRecord]) -> set[str]:
    """Runs of a tuned study that are not in its plan any more: another value was chosen for their cells since."""
    asked, recipes = {run.id for run in plan.runs}, {run.recipe for run in plan.runs}
    return {one.id for one in records if one.id not in asked and one.recipe in recipes}


def lines(bad: dict[Path, str]) -> list[str]:
    return [f"{file} cannot be read ({reason})" for file, reason in bad.items()]


def _no_study(folder: Path) -> str:
    if not folder.is_dir():
        near = studies_below(folder.parent)
        problem = f"{folder} is no folder"
    else:
        near = studies_below(folder) or studies_below(folder.parent)
        problem = f"{folder} holds no study (no study.json, no */record.json)"
    return f"{problem}; {', '.join(map(str, near[:5]))} {'does' if len(near) == 1 else 'do'}" if near else problem


def studies_below(folder: Path) -> list[Path]:
    """Studies directly in a folder, the one written last first."""
    plans = [*folder.glob("*/study.json"), *folder.glob("*/*/record.json")]
    latest = {p.parents[p.name == "record.json"]: 0.0 for p in plans}
    for path in plans:
        study = path.parents[path.name == "record.json"]
        latest[study] = max(latest[study], path.stat().st_mtime)
    return sorted(latest, key=lambda study: -latest[study])


def _once(records: list[RunRecord]) -> list[RunRecord]:
    """Each run once, though several studies hold it; a finished one rather than one that is not."""
    runs: dict[str, RunRecord] = {}
    for one in records:
        if one.id not in runs or runs[one.id].state != "done":
            runs[one.id] = one
    return list(runs.values())


def _joined(plans: list[StudyPlan]) -> StudyPlan:
    if len(plans) == 1:
        return plans[0]
    axes: dict[str, list[str]] = {}
    for axis, choices in (item for plan in plans for item in plan.axes.items()):
        axes[axis] = list(dict.fromkeys([*axes.get(axis, []), *choices]))
    return StudyPlan(
        study=" + ".join(plan.study or "?" for plan in plans),
        commands=[plan.command for plan in plans if plan.command],
        axes=axes,
        baseline={axis: choice for plan in plans for axis, choice in plan.baseline.items()},
        runs=list({run.id: run for plan in plans for run in plan.runs}.values()),
        looks=_looks(plans),
        guessed=any(plan.guessed for plan in plans),
    )


def _looks(plans: list[StudyPlan]) -> list[int] | None:
    """The looks of a study whose seeds were added until decided hold for one that it is put together with."""
    kept = {plan.study or "?": plan.looks for plan in plans if plan.looks}
    first = next(iter(kept.values()), None)
    if any(looks != first for looks in kept.values()):
        which = "; ".join(f"{name} at {', '.join(map(str, looks))} seeds" for name, looks in kept.items())
        raise ValueError(f"seeds were added until decided, with looks that differ ({which}); report on each alone")
    return first


def _on_all_axes(records: list[RunRecord], plan: StudyPlan) -> tuple[list[RunRecord], StudyPlan]:
    """Gives every run a choice on every axis; if its study did not vary an axis, that of its recipe."""
    cells = [*(run.cell for run in plan.runs), *(one.cell for one in records)]
    axes = list(dict.fromkeys(axis for cell in cells for axis in cell))
    chosen: dict[frozenset[str], dict[str, str]] = {}  # axes that a study swept -> its choices on all axes
    whole = []
    for one in records:
        cell = {axis: value_of(one, axis) for axis in axes}
        chosen.setdefault(frozenset(one.cell), cell)
        whole.append(replace(one, cell=cell))
    asked = []
    for run in plan.runs:
        cell = chosen.get(frozenset(run.cell), {}) | run.cell
        if cell.keys() == set(axes):  # else nothing is known of where the run will stand
            asked.append(replace(run, cell={axis: cell[axis] for axis in axes}))
    levels = {axis: list(plan.axes.get(axis, [])) for axis in axes}
    for cell in [*(run.cell for run in asked), *(one.cell for one in whole)]:
        for axis, choice in cell.items():
            levels[axis] += [choice] if choice not in levels[axis] else []
    return whole, replace(plan, axes=levels, runs=asked)
