"""Runs that failed: missing from every mean, which flatters their arms, or counted as chance accuracy."""

from pathlib import Path

import numpy as np
import pandas as pd

from ablate.records.run_record import RunRecord
from ablate.report.measure import Measure

HOW = ("missing", "chance")


def counted(runs: pd.DataFrame, records: list[RunRecord], read_as: Measure, how: str) -> pd.DataFrame:
    """Adds `counted`: the runs that are done, and with `chance` those that failed, with the accuracy of a guess.

    Raises ValueError, one line, where nobody knows what a guess would get.
    """
    done, failed = runs["state"] == "done", runs["state"] == "failed"
    if how == "missing" or not failed.any():
        return runs.assign(counted=done)
    guess = chance(records, read_as)
    if guess is None:
        raise ValueError(f"report.failures=chance: nobody knows what a guess has for {read_as.title}")
    return runs.assign(counted=done | failed, **{read_as.name: runs[read_as.name].mask(failed, guess)})


def chance(records: list[RunRecord], read_as: Measure) -> float | None:
    """The accuracy of a guess among the classes; None for another metric, or where their number is not known."""
    if not (read_as.own and read_as.is_fraction and read_as.name.endswith("_acc")):
        return None
    for run in records:
        names = (run.data or {}).get("classes")
        number = len(names) if isinstance(names, list) else (run.config.get("data") or {}).get("classes")
        if isinstance(number, int) and number > 0:
            return 1 / number
    return next((1 / number for run in records if (number := classes_in(run))), None)


def classes_in(run: RunRecord) -> int | None:
    """The number of true classes among a run's test images."""
    try:
        with np.load(Path(run.folder or "") / "predictions.npz") as found:
            return len(np.unique(found["label"])) or None
    except Exception:  # none, or a damaged one, which the report names elsewhere
        return None
