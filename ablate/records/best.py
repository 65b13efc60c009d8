"""The best run of each arm of each axis: those to look into."""

import math
from pathlib import Path

from ablate.records import record
from ablate.records.run_record import RunRecord


def best(study: Path) -> dict[Path, list[str]]:
    """Folders of runs, and the arms (`pos=none`) of which each is the best in validation.

    Raises ValueError, one line, where no run is done and still has its weights.
    """
    if not (runs := with_weights(study)):
        raise ValueError(f"{study}: no run in it is done and has its weights.pt, so there is nothing to look into")
    return best_of_arms(runs)


def with_weights(study: Path) -> list[RunRecord]:
    """Runs that are done and still have their weights."""
    done = [one for one in record.read_study(study) if one.state == "done" and one.folder]
    return [one for one in done if (Path(one.folder or "") / "weights.pt").is_file()]


def best_of_arms(of: list[RunRecord]) -> dict[Path, list[str]]:
    found: dict[Path, list[str]] = {}
    for arm, runs in arms(of).items():
        winner = max(runs, key=in_validation)
        found.setdefault(Path(winner.folder or ""), []).append(arm)
    return found


def named(arms: list[str]) -> str:
    """What to add to the name of a run that is the best of these arms."""
    return f", best of {', '.join(arms)}" if arms else ""


def arms(runs: list[RunRecord]) -> dict[str, list[RunRecord]]:
    """The runs of each arm; "all runs" for a study without an axis."""
    found: dict[str, list[RunRecord]] = {}
    for one in runs:
        for arm in [f"{axis}={choice}" for axis, choice in one.cell.items()] or ["all runs"]:
            found.setdefault(arm, []).append(one)
    return found


def in_validation(one: RunRecord) -> float:
    value = one.metrics.get("val_acc")
    return -math.inf if value is None else float(value)
