"""A run on disk: identity, state, metrics, history. The only owner of the format (DESIGN: the record).

runs/STUDY/study.json                what was asked for
runs/STUDY/RUN/record.json           one JSON object a run, written atomically; state done is the marker
runs/STUDY/RUN/history.csv           a row an epoch
runs/STUDY/RUN/predictions.npz       `test`: predicted labels of the test images; `label`: the true ones; `run`
runs/STUDY/RUN/weights.pt            state_dict, loadable with torch.load(weights_only=True)
runs/STUDY/RUN/checkpoint.pt         where an unfinished run goes on; gone when it is done
runs/STUDY/RUN/error.txt             traceback of a failure
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ablate.records import atomic, provenance
from ablate.records.damage import Damaged, opened, sealed

FORMAT = 1  # raise it when the meaning of a config or of a field changes
# Where and how a run is done, not what it is. The size of the data does not hang on where they lie.
NOT_IDENTITY = ("tracker", "device", "name", "sweep", "data.root")

NEEDED = (  # by all who read it
    ("id", str),
    ("state", str),
    ("cell", dict),
    ("seed", int),
    ("metrics", dict),
    ("started", str),
)
STATES = ("running", "done", "failed")

# What a record of image classification holds; another experiment names its own.
METRICS = ("test_acc", "test_loss", "val_acc", "val_loss", "train_loss")
COST = ("tokens", "params", "flops_per_image", "train_flops", "images_per_s", "train_s", "peak_bytes")
HISTORY = ("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr", "epoch_s", "images_per_s")

# Keys that came later, with the value at which a run is what it was before they came.
WITHOUT = {"compile": "auto"}


def identity(config: dict) -> str:
    """Hash of a resolved config less what is not identity, 12 hexadecimal digits."""
    what = json.loads(json.dumps(config))
    for key in NOT_IDENTITY:
        parent, _, leaf = key.rpartition(".")
        node = what.get(parent, {}) if parent else what
        node.pop(leaf, None)
    for key, value in WITHOUT.items():
        if what.get(key) == value:
            del what[key]
    text = json.dumps([FORMAT, what], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def new(
    *,
    study: str,
    entry: dict,
    choices: dict[str, str],
    config: dict,
    metrics: Iterable[str],
    costs: Iterable[str],
    code: dict[str, Any],
    turn: int,
) -> dict:
    """A record before its run has begun; `entry` is the run's line in study.json, `code` is provenance.code's."""
    return {
        "format": FORMAT,
        "id": entry["id"],
        "study": study,
        "state": "running",
        "attempts": 0,
        "turn": turn,  # number of the latest command in the study when this attempt began
        "cell": entry["cell"],
        "seed": entry["seed"],
        "baseline": entry["baseline"],
        "recipe": entry["recipe"],
        "overrides": entry["overrides"],
        "choices": choices,
        "config": config,
        "metrics": dict.fromkeys(metrics),
        "cost": dict.fromkeys(costs),
        "accumulate": 1,  # parts of a batch that went through the model one after the other
        "error": None,
        "started": None,
        "ended": None,
        "versions": provenance.versions(),
        "code": code,
        "wandb": None,
    }


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def save(folder: Path, record: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / "record.json", sealed(record))


def read(folder: Path) -> dict:
    """The record of a run's folder. Raises OSError, FileNotFoundError where there is none, or Damaged."""
    found = opened(folder / "record.json", NEEDED)
    if found["state"] not in STATES:
        raise Damaged(f"no run is in a state {found['state']}")
    return found


def load(folder: Path) -> dict | None:
    """The record of a run's folder, or None when there is none that can be read."""
    try:
        return read(folder)
    except (OSError, Damaged):
        return None


def save_predictions(folder: Path, run: str, predicted: Any, labels: Any, classes: int) -> None:
    """Predicted and true labels of the test images, each (n,), as small as the number of classes allows."""
    import numpy as np

    kind = np.uint8 if classes <= 256 else np.int16
    with atomic.whole(folder / "predictions.npz") as draft, open(draft, "wb") as file:
        np.savez_compressed(file, test=predicted.astype(kind), label=labels.astype(kind), run=run)


def save_history(folder: Path, rows: list[dict[str, float]], columns: Iterable[str] = HISTORY) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, list(columns), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    atomic.write(folder / "history.csv", text.getvalue())


def load_history(folder: Path) -> list[dict[str, float]]:
    """The rows of history.csv. Raises OSError, or Damaged."""
    try:
        with open(folder / "history.csv", newline="", encoding="utf-8") as file:
            return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file, strict=True)]
    except (ValueError, TypeError, csv.Error) as e:  # TypeError: a row too short or too long
        raise Damaged(f"no table of numbers: {e}") from e


def save_plan(folder: Path, plan: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / "study.json", sealed(plan))


def read_plan(folder: Path) -> dict:
    """What was asked of a study; FileNotFoundError where there is none, OSError or Damaged for a damaged one."""
    plan = opened(folder / "study.json", [("runs", list)])
    if not all(isinstance(run, dict) and {"id", "cell", "seed"} <= run.keys() for run in plan["runs"]):
        raise Damaged("its runs have no id, cell and seed")
    return plan


def read_study(folder: Path) -> list[dict]:
    """All records below a study's folder, each with its `folder`, in the order they were asked for.

    Their `recipe` is what the study asks for now: a run may have been made for another one that it is part of too.
    """
    try:
        asked = {run["id"]: (i, run) for i, run in enumerate(read_plan(folder)["runs"])}
    except (OSError, ValueError):
        asked = {}
    found = [(load(f.parent), f.parent) for f in sorted(folder.glob("*/record.json"))]
    records = [r | {"folder": str(f)} for r, f in found if r]
    for r in records:
        if r["id"] in asked:
            r["recipe"] = asked[r["id"]][1].get("recipe", r.get("recipe"))
    return sorted(records, key=lambda r: asked[r["id"]][0] if r["id"] in asked else len(asked))


def value_of(record: dict, axis: str) -> str:
    """What an axis was set to in a run, also when the study that made the run did not vary it."""
    if axis in record["cell"]:
        return record["cell"][axis]
    if axis in record["choices"]:
        return str(record["choices"][axis])
    node: Any = record["config"]
    for part in axis.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return str(node)


def label(cell: Iterable[tuple[str, str]] | dict[str, str]) -> str:
    """`pos=none patch=4`; the word baseline for a study that varies nothing."""
    pairs = cell.items() if isinstance(cell, dict) else cell
    return " ".join(f"{k}={v}" for k, v in pairs) or "baseline"


CHECKPOINT = "checkpoint.pt"
