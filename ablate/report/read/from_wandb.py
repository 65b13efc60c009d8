"""A study in Weights & Biases -> records on disk, for a study whose own folder is elsewhere.

A W&B run holds its record and its study's study.json (ablate.tracking.fields), but no predictions. So a report on
it has everything but what other test images would change.
"""

import base64
import json
import re
import shutil
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ablate.records import record, turns
from ablate.records.run_record import RunRecord, value_of
from ablate.records.study_plan import RunEntry, StudyPlan
from ablate.text import fitted

PREFIX = "wandb:"
GROUP = 128  # characters of a group's name that W&B takes; a longer name is cut (ablate.tracking.fields)
STATES = {"finished": "done", "running": "running", "pending": "running"}  # any other is failed
ADDED = ("axes", "cell", "study", "overrides", "run", "record")  # to the config, by the tracker


class Seen(Protocol):
    """What we read of a run as wandb's public API gives it."""

    config: dict[str, Any]
    summary_metrics: dict[str, Any]
    state: str
    id: str
    url: str
    created_at: str
    heartbeat_at: str

    def history(self, *, samples: int, pandas: bool) -> Iterable[dict[str, float]]: ...


def fetch(address: str, runs: Path = Path("runs")) -> Path:
    """`wandb:ENTITY/PROJECT/GROUP` -> the folder that now holds its records, runs/wandb/ENTITY/PROJECT/GROUP.

    For a study that was tuned, both NAME and NAME-tuned are fetched, if W&B has them. Raises ValueError, one
    line, for an address that leads nowhere, or without an account.
    """
    parts = address.removeprefix(PREFIX).split("/", 2)
    if len(parts) < 3 or not all(parts):
        raise ValueError(f"{address}: {PREFIX}ENTITY/PROJECT/GROUP is wanted; the group is the study's name")
    entity, project, group = parts
    home = runs / "wandb" / word(entity) / word(project)
    plan = brought(address, entity, project, group, home)
    if plan is None:
        raise ValueError(f"{address}: that group has no run of ablate; `python -m ablate.report --help`")
    other = plan.tuned.of if plan.tuned else f"{plan.study}-tuned"
    brought(address, entity, project, fitted(other, GROUP), home)
    return home / word(group)


def word(name: str) -> str:
    """A name as that of a folder."""
    return re.sub(r"[^\w+-]+", "-", str(name))


def brought(address: str, entity: str, project: str, group: str, home: Path) -> StudyPlan | None:
    """Writes a group's records and plan to its folder in `home` -> the plan; None for a group without runs."""
    seen = runs_of(address, entity, project, group)
    found: dict[str, tuple[Seen, RunRecord]] = {}
    plan = plan_in(seen)
    more = [plan.metric.name] if plan and plan.metric else []
    for run, one in ((run, record_of(run, more)) for run in seen if "run" in run.config):
        # A later result replaces an earlier one, but a failure does not replace a result.
        if one.state == "done" or one.id not in found or found[one.id][1].state != "done":
            found[one.id] = (run, one)
    if not found:
        return None
    if plan is None:
        apart = given_cells([one for _, one in found.values()])
        found = {one.id: (run, one) for (run, _), one in zip(found.values(), apart, strict=True)}
        plan = plan_of(apart)
    folder = home / word(group)
    shutil.rmtree(folder, ignore_errors=True)  # only what an earlier fetch has left
    tuned = plan.tuned and replace(plan.tuned, of=word(plan.tuned.of))
    record.save_plan(folder, replace(plan, tuned=tuned))
    for run, one in found.values():
        place = folder / word(one.id)  # whatever the id says, it stays below the folder
        record.save(place, one)
        record.save_history(place, history(run))
    return plan


def runs_of(address: str, entity: str, project: str, group: str) -> list[Seen]:
    """W&B runs of a group, in the order they began."""
    import wandb
    from wandb.errors import Error

    wandb.setup(settings=wandb.Settings(show_info=False))  # warnings only
    try:
        if not wandb.login(prompt=False):
            raise ValueError("no account on this machine; `wandb login` once")
        return list(
            wandb.Api().runs(f"{entity}/{project}", filters={"group": group}, order="+created_at", lazy=False)
        )
    except (Error, ValueError) as error:
        raise ValueError(f"{address}: {str(error).strip().splitlines()[0]}") from error


def plan_in(seen: list[Seen]) -> StudyPlan | None:
    """study.json as the runs of a group hold it, the newest; of one command, with the most seeds added."""
    held = [(run.config.get("record") or {}).get("study") for run in seen]
    plans = [unpacked(packed) for packed in dict.fromkeys(held) if packed]
    # A process of a sweep agent knows of no other run, and so of no axes.
    known = [plan for plan in plans if plan.axes]
    return max(known, key=lambda plan: (turns.turn_of(plan), plan.created or "", len(plan.runs)), default=None)


def unpacked(packed: str) -> StudyPlan:
    """study.json from the config of a W&B run (ablate.tracking.fields)."""
    return StudyPlan.from_json(json.loads(zlib.decompress(base64.b64decode(packed))))


def record_of(run: Seen, more: Iterable[str] = ()) -> RunRecord:
    """A W&B run, as the public API of wandb gives it, as the record that it was made from.

    `more` are metrics of the study that our own training does not have.
    """
    config, kept = run.config, run.config.get("record") or {}
    summary = {key: value for key, value in run.summary_metrics.items() if isinstance(value, int | float)}
    state = STATES.get(run.state, "failed")
    code = kept.get("code") or {}
    return RunRecord(
        format=kept.get("format"),
        id=config["run"],
        study=config["study"],
        state=state,
        cell=dict(kept.get("cell") or []),
        seed=config["seed"],
        recipe=kept.get("recipe"),
        baseline=kept.get("baseline"),
        overrides=config["overrides"],
        choices=kept.get("choices") or {},
        config={key: value for key, value in config.items() if key not in ADDED},
        metrics={key: summary.get(key) if state == "done" else None for key in (*record.METRICS, *more)},
        cost={key: summary.get(key) for key in record.COST},
        error="W&B does not know why" if state == "failed" else None,
        started=run.created_at,
        ended=run.heartbeat_at if state != "running" else None,
        versions=kept.get("versions") or {},
        code=code | ({"own": dict(code["own"])} if "own" in code else {}),
        wandb={"id": run.id, "mode": "online", "folder": None, "url": run.url},
    )


def given_cells(records: list[RunRecord]) -> list[RunRecord]:
    """Gives cells to runs of a sweep agent, each of which was a study of its own: the words in which they differ.

    The other words are their recipe. Which of them is the baseline is not known.
    """
    if any(one.cell for one in records):
        return records
    words = {word.lstrip("+").partition("=")[0] for one in records for word in one.overrides}
    fixed = {key for key in words if not {key, key.split(".")[0]} & {*record.NOT_IDENTITY, "seed"}}
    axes = sorted(key for key in fixed if len({value_of(one, key) for one in records}) > 1)
    rest = fixed - {*axes}
    return [
        replace(
            one,
            cell={axis: value_of(one, axis) for axis in axes},
            recipe=record.identity({"words": {key: value_of(one, key) for key in rest}}),
            baseline=None,
        )
        for one in records
    ]


def plan_of(records: list[RunRecord]) -> StudyPlan:
    """A study.json guessed from what has begun: choices in the order of their first runs."""
    axes: dict[str, list[str]] = {}
    for one in records:
        for axis, choice in one.cell.items():
            axes[axis] = list(dict.fromkeys([*axes.get(axis, []), choice]))
    return StudyPlan(
        study=records[0].study,
        axes=axes,
        baseline=next((one.cell for one in records if one.baseline), {}),
        runs=[RunEntry(id=one.id, cell=one.cell, seed=one.seed, recipe=one.recipe) for one in records],
        guessed=True,
    )


def history(run: Seen) -> list[dict[str, float]]:
    """Rows of history.csv: `val/acc` is val_acc, `time/epoch_s` is epoch_s."""
    rows = []
    for logged in run.history(samples=100_000, pandas=False):
        named = {key.removeprefix("time/").replace("/", "_"): value for key, value in logged.items()}
        rows.append({key: named.get(key, float("nan")) for key in record.HISTORY})
    return rows
