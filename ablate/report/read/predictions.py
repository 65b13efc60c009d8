"""Which test images each run got right, from its predictions.npz."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ablate.report.numbers.grid import Grid


class Images(NamedTuple):
    """Test images by the runs of a study."""

    label: np.ndarray  # (I,) true classes
    correct: np.ndarray  # (seeds, cells, I) 1 or 0, NaN where a run has left no predictions


def read(runs: pd.DataFrame, grid: Grid) -> tuple[Images | None, str]:
    """The predictions of all finished runs, or None and why there are none.

    A run's predictions.npz holds `test`, the predicted labels, and `label`, the true ones.
    """
    done = runs[runs["state"] == "done"]
    label = correct = None
    for cell, seed, folder in zip(done["cell"], done["seed"], done["folder"], strict=True):
        try:
            with np.load(Path(folder) / "predictions.npz") as found:
                if "label" not in found:
                    return None, "predictions.npz holds no true labels (`label`)"
                here, predicted = found["label"], found["test"]
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if label is None or correct is None:
            label = here
            correct = np.full((*grid.values.shape, len(label)), np.nan, dtype=np.float32)
        if not np.array_equal(here, label):
            return None, "the runs were tested on different images"
        correct[grid.seeds.index(seed), grid.cells.index(cell)] = predicted == label
    if label is None or correct is None:
        return None, "no run has left a predictions.npz that can be read"
    return Images(label, correct), ""
