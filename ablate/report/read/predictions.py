"""Which test images each run got right, from its predictions.npz."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ablate.records.damage import why
from ablate.report.numbers.grid import Grid

GONE = "not there"


class Images(NamedTuple):
    """Test images by the runs of a study."""

    label: np.ndarray  # (I,) true classes
    correct: np.ndarray  # (seeds, cells, I) 1 or 0, NaN where a run has left no predictions


def read(runs: pd.DataFrame, grid: Grid) -> tuple[Images | None, list[str]]:
    """The predictions of all finished runs, and sentences on those that cannot be used.

    A run's predictions.npz holds `test`, the predicted labels, and `label`, the true ones.
    """
    done = runs[runs["state"] == "done"]
    label = correct = None
    bad: dict[Path, str] = {}
    for id, cell, seed, folder in zip(done["id"], done["cell"], done["seed"], done["folder"], strict=True):
        if folder is None:  # accuracies from elsewhere
            continue
        file = Path(folder) / "predictions.npz"
        try:
            here, predicted = load(file, id)
        except FileNotFoundError:
            bad[file] = GONE
            continue
        except Exception as e:  # a damaged archive raises what its layers like: zipfile, zlib, struct, numpy
            bad[file] = why(e)
            continue
        if label is None or correct is None:
            label = here
            correct = np.full((*grid.values.shape, len(label)), np.nan, dtype=np.float32)
        if not np.array_equal(here, label):
            return None, ["Nothing on other test images: the runs were tested on different images."]
        correct[grid.seeds.index(seed), grid.cells.index(cell)] = predicted == label
    if label is None or correct is None:
        none = "Nothing on other test images: no run has left a predictions.npz that can be read."
        return None, [none, *left_out({file: reason for file, reason in bad.items() if reason != GONE})]
    return Images(label, correct), left_out(bad)


def left_out(bad: dict[Path, str]) -> list[str]:
    """A sentence for each reason, with the first of the files that it holds for."""
    sentences = []
    for reason in dict.fromkeys(bad.values()):
        first, *more = [file for file, other in bad.items() if other == reason]
        also = f" and {len(more)} more" if more else ""
        sentences.append(f"Left out: {first}{also} cannot be read ({reason}).")
    return sentences


def load(file: Path, run: str) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted labels, (I,) each. Raises whatever a damaged file makes numpy raise, and ValueError."""
    with np.load(file) as found:
        if "label" not in found:
            raise ValueError("it holds no true labels, `label`")
        if "run" in found and str(found["run"]) != run:
            raise ValueError(f"it is of run {found['run']}")
        label, predicted = found["label"], found["test"]
    if label.ndim != 1 or label.shape != predicted.shape or not len(label):
        raise ValueError("it does not hold one label an image")
    return label, predicted
