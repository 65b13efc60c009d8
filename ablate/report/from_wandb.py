"""A study in Weights & Biases -> records on disk, for when its own are not at hand.

A W&B run holds its record (ablate.tracking.schema) but for the predictions: the report on it can say all but what
other test images would change.
"""

import re
import shutil
from pathlib import Path
from typing import Any

from ablate import record

PREFIX = "wandb:"
STATES = {"finished": "done", "running": "running", "pending": "running"}  # any other is failed
ADDED = ("axes", "cell", "study", "overrides", "run", "record")  # to the config, by the tracker


def fetch(address: str, runs: Path = Path("runs")) -> Path:
    """`wandb:ENTITY/PROJECT/GROUP` -> the folder that now holds its records, runs/wandb/ENTITY/PROJECT/GROUP.

    Raises ValueError, one line, for an address that leads nowhere, or without an account.
    """
    parts = address.removeprefix(PREFIX).split("/", 2)
    if len(parts) < 3 or not all(parts):
        raise ValueError(f"{address}: {PREFIX}ENTITY/PROJECT/GROUP is wanted; the group is the study's name")
    folder = runs / "wandb" / "/".join(re.sub(r"[^\w+-]+", "-", part) for part in parts)
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for run, one in read(address, *parts):
        if one["id"] not in found or found[one["id"]][1]["state"] != "done":
            found[one["id"]] = (run, one)
    if not found:
        raise ValueError(f"{address}: that group has no run of ablate; `python -m ablate.report --help`")
    shutil.rmtree(folder, ignore_errors=True)  # only what an earlier fetch left
    record.save_plan(folder, plan_of([one for _, one in found.values()]))
    for run, one in found.values():
        record.save(folder / one["id"], one)
        record.save_history(folder / one["id"], history(run))
    return folder


def read(address: str, entity: str, project: str, group: str) -> list[tuple[Any, dict[str, Any]]]:
    """W&B runs of a group with the records they hold, in the order they began."""
    import wandb
    from wandb.errors import Error

    wandb.setup(settings=wandb.Settings(show_info=False))  # to warn, not to chat
    try:
        if not wandb.login(prompt=False):
            raise ValueError("no account on this machine; `wandb login` once")
        found = wandb.Api().runs(f"{entity}/{project}", filters={"group": group}, order="+created_at", lazy=False)
        return [(run, record_of(run)) for run in found if "run" in run.config]
    except (Error, ValueError) as error:
        raise ValueError(f"{address}: {str(error).strip().splitlines()[0]}") from error


def record_of(run: Any) -> dict[str, Any]:
    """A W&B run, as the public API of wandb gives it, as the record that it was made from."""
    config, kept = run.config, run.config.get("record") or {}
    summary = {key: value for key, value in run.summary_metrics.items() if isinstance(value, int | float)}
    state = STATES.get(run.state, "failed")
    return {
        "format": kept.get("format"),
        "id": config["run"],
        "study": config["study"],
        "state": state,
        "cell": dict(kept.get("cell") or config["axes"]),
        "seed": config["seed"],
        "recipe": kept.get("recipe"),
        "baseline": kept.get("baseline"),
        "overrides": config["overrides"],
        "choices": kept.get("choices") or {},
        "config": {key: value for key, value in config.items() if key not in ADDED},
        "metrics": {key: summary.get(key) if state == "done" else None for key in record.METRICS},
        "cost": {key: summary.get(key) for key in record.COST},
        "error": "W&B does not know why" if state == "failed" else None,
        "started": run.created_at,
        "ended": run.heartbeat_at if state != "running" else None,
        "versions": kept.get("versions") or {},
        "code": kept.get("code") or {},
        "wandb": {"id": run.id, "mode": "online", "folder": None, "url": run.url},
    }


def plan_of(records: list[dict[str, Any]]) -> dict[str, Any]:
    """A study.json from what has begun: choices in the order of their first runs."""
    axes: dict[str, list[str]] = {}
    for one in records:
        for axis, choice in one["cell"].items():
            axes[axis] = list(dict.fromkeys([*axes.get(axis, []), choice]))
    return {
        "study": records[0]["study"],
        "command": None,
        "axes": axes,
        "baseline": next((one["cell"] for one in records if one["baseline"]), {}),
        "runs": [{key: one[key] for key in ("id", "cell", "seed", "recipe")} for one in records],
    }


def history(run: Any) -> list[dict[str, float]]:
    """Rows of history.csv: `val/acc` is val_acc, `time/epoch_s` is epoch_s."""
    rows = []
    for logged in run.history(samples=100_000, pandas=False):
        named = {key.removeprefix("time/").replace("/", "_"): value for key, value in logged.items()}
        rows.append({key: named.get(key, float("nan")) for key in record.HISTORY})
    return rows
