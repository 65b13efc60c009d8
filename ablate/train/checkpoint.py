"""Where an unfinished run goes on: weights, optimiser, schedule, random states and history, in one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch

from ablate.records import atomic
from ablate.records.damage import why
from ablate.records.record import CHECKPOINT, HISTORY
from ablate.records.stop import Stopped
from ablate.train.fit import Fit

History = list[dict[str, float]]


def save(folder: Path, fit: Fit, history: History) -> None:
    with atomic.whole(folder / CHECKPOINT) as draft:
        torch.save({"run": folder.name, "fit": fit.state(), "history": history}, draft)


class Unusable(Exception):
    """The checkpoint is damaged, or of something else than this run; `fit` may be half restored."""


def resume(folder: Path, fit: Fit) -> History:
    """Takes `fit` to where the run had come -> the rows of its finished epochs; [] for a run from the start.

    Raises Unusable.
    """
    try:
        saved = sound(folder / CHECKPOINT)
        if saved.get("run", folder.name) != folder.name:
            raise ValueError(f"it is of run {saved['run']}")
        fit.restore(saved["fit"])
        check(fit, saved["history"])
    except FileNotFoundError:
        return []
    except (MemoryError, torch.cuda.OutOfMemoryError):
        raise  # no fault of the file
    except Exception as e:  # whatever torch.load and the parts of a foreign file may raise
        raise Unusable(why(e)) from e
    return saved["history"]


def sound(file: Path) -> dict[str, Any]:
    """What torch.save wrote, every byte of it; torch.load by itself believes numbers that were changed."""
    with ZipFile(file) as archive:
        if bad := archive.testzip():
            raise ValueError(f"{bad} in it was changed since we wrote it")
    saved: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
    return saved


def check(fit: Fit, history: History) -> None:
    """Raises ValueError when what was restored is no place in this training."""
    rows = isinstance(history, list) and all(set(HISTORY) <= set(row) for row in history)
    whole = fit.done == 0 or len(fit.shuffled) == len(fit.x)
    place = rows and 0 <= fit.epoch - len(history) <= 1 and 0 <= fit.done <= fit.steps_an_epoch
    if not (whole and place and len(fit.losses) == fit.steps_an_epoch and len(history) <= fit.epochs):
        raise ValueError("it does not fit this run")


@contextmanager
def kept(folder: Path, fit: Fit, history: History) -> Iterator[None]:
    """Saves a training that is stopped between two steps."""
    try:
        yield
    except Stopped:
        save(folder, fit, history)
        raise
