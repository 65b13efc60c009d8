"""Where an unfinished run goes on: weights, optimiser, schedule, random states and history, in one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ablate.records import atomic
from ablate.records.record import CHECKPOINT
from ablate.records.stop import Stopped
from ablate.train.fit import Fit

History = list[dict[str, float]]


def save(folder: Path, fit: Fit, history: History) -> None:
    with atomic.whole(folder / CHECKPOINT) as draft:
        torch.save({"fit": fit.state(), "history": history}, draft)


def load(folder: Path, fit: Fit) -> History:
    """Takes `fit` to where the run had come -> the rows of its finished epochs; [] for a run from the start."""
    if not (folder / CHECKPOINT).exists():
        return []
    saved = torch.load(folder / CHECKPOINT, weights_only=True, map_location="cpu")
    fit.restore(saved["fit"])
    return saved["history"]


@contextmanager
def kept(folder: Path, fit: Fit, history: History) -> Iterator[None]:
    """Saves a training that is stopped between two steps."""
    try:
        yield
    except Stopped:
        save(folder, fit, history)
        raise
