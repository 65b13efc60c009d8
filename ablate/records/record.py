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
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ablate import __version__
from ablate.records import atomic, provenance, typed
from ablate.records.damage import Damaged, NewerFormat, opened, sealed
from ablate.records.identity import identity
from ablate.records.run_record import FORMAT, NOT_IDENTITY, Config, RunRecord, label, value_of
from ablate.records.study_plan import RunEntry, StudyPlan
from ablate.records.unchanged import Unchanged

if TYPE_CHECKING:
    import numpy as np

# Of identity and run_record, for whoever imports `record` already.
__all__ = ["FORMAT", "NOT_IDENTITY", "identity", "label", "value_of"]
Kind = TypeVar("Kind", RunRecord, StudyPlan)
RECORD, PLAN = "record.json", "study.json"
STATES = ("running", "done", "failed")

# What a record of image classification holds; other experiments name their own.
METRICS = ("test_acc", "test_loss", "val_acc", "val_loss", "train_loss")
COST = ("tokens", "params", "flops_per_image", "train_flops", "images_per_s", "train_s", "peak_bytes")
HISTORY = ("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr", "epoch_s", "images_per_s")


def new(
    *,
    study: str,
    entry: RunEntry,
    choices: dict[str, str],
    config: Config,
    metrics: Iterable[str],
    costs: Iterable[str],
    code: dict[str, Any],
    turn: int,
    wandb: dict[str, str | None] | None = None,
) -> RunRecord:
    """A record before its run has begun; `entry` is the run's line in study.json, `code` is provenance.code's."""
    return RunRecord(
        format=FORMAT,
        id=entry.id,
        study=study,
        state="running",
        attempts=0,
        turn=turn,
        cell=entry.cell,
        seed=entry.seed,
        baseline=entry.baseline,
        recipe=entry.recipe,
        overrides=entry.overrides or [],
        choices=choices,
        config=config,
        metrics=dict.fromkeys(metrics),
        cost=dict.fromkeys(costs),
        accumulate=1,
        versions=provenance.versions(),
        code=code,
        wandb=wandb,
    )


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def save(folder: Path, record: RunRecord) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / RECORD, sealed(record.to_json()))


def understood(file: Path, kind: type[Kind]) -> Kind:
    """A JSON file of ours as its dataclass. Raises FileNotFoundError or another OSError, Damaged, NewerFormat."""
    data = opened(file)
    try:
        return typed.from_json(kind, data)
    except Damaged as e:
        if is_newer(data.get("format")):
            raise NewerFormat(refusal(file, data["format"])) from e
        raise


def is_newer(number: object) -> bool:
    return isinstance(number, int) and number > FORMAT


def refusal(file: Path, number: int) -> str:
    formats = f"it has format {number}, and {__version__} reads {FORMAT}"
    return f"{file} was written by a newer version of ablate: {formats}; update ablate"


def read(folder: Path) -> RunRecord:
    """The record of a run's folder; raises what `understood` raises."""
    return replace(_record(folder / RECORD), folder=str(folder))


@Unchanged
def _record(file: Path) -> RunRecord:
    found = understood(file, RunRecord)
    if found.state not in STATES:
        raise Damaged(f"no run is in a state {found.state}")
    return found


def find(folder: Path) -> RunRecord | None:
    """The record of a run's folder, or None when there is none that can be read. Raises NewerFormat."""
    try:
        return read(folder)
    except (OSError, Damaged):
        return None


def save_predictions(folder: Path, run: str, predicted: "np.ndarray", labels: "np.ndarray", classes: int) -> None:
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


def save_plan(folder: Path, plan: StudyPlan) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(folder / PLAN, sealed(plan.to_json()))


def read_plan(folder: Path) -> StudyPlan:
    """What was asked of a study; raises what `understood` raises, and Damaged where no run was asked for."""
    plan = understood(folder / PLAN, StudyPlan)
    if not plan.runs:
        raise Damaged("no runs in it")
    return plan


def read_study(folder: Path) -> list[RunRecord]:
    """All records below a study's folder, in the order they were asked for; those that are damaged are left out.

    Their `recipe` is the one that the study asks for now: a run can belong to several recipes.
    """
    try:
        asked = {run.id: (i, run.recipe) for i, run in enumerate(read_plan(folder).runs)}
    except (OSError, Damaged):
        asked = {}
    records = [one for file in sorted(folder.glob(f"*/{RECORD}")) if (one := find(file.parent))]
    recipes = {name: recipe for name, (_, recipe) in asked.items() if recipe is not None}
    records = [replace(one, recipe=recipes.get(one.id, one.recipe)) for one in records]
    return sorted(records, key=lambda one: asked[one.id][0] if one.id in asked else len(asked))


CHECKPOINT = "checkpoint.pt"
