"""Which test images each run got right, from its predictions.npz."""

from collections import Counter
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
    found: dict[tuple[int, int], tuple[Path, np.ndarray, np.ndarray]] = {}
    bad: dict[Path, str] = {}
    for id, cell, seed, folder in zip(done["id"], done["cell"], done["seed"], done["folder"], strict=True):
        if folder is None:  # accuracies from elsewhere
            continue
        file = Path(folder) / "predictions.npz"
        try:
            found[grid.seeds.index(seed), grid.cells.index(cell)] = (file, *of_run(file, id))
        except FileNotFoundError:
            bad[file] = GONE
        except Exception as e:  # a damaged archive raises what its layers like: zipfile, zlib, struct, numpy
            bad[file] = why(e)
    if not found:
        none = "Nothing on other test images: no run has left a predictions.npz that can be read."
        return None, [none, *left_out({file: reason for file, reason in bad.items() if reason != GONE})]
    kinds = Counter(label.tobytes() for _, label, _ in found.values())
    (most, n), *_ = kinds.most_common()
    if 2 * n <= len(found):  # no file speaks for the others
        return None, ["Nothing on other test images: the runs were tested on different images."]
    label = next(label for _, label, _ in found.values() if label.tobytes() == most)
    correct = np.full((*grid.values.shape, len(label)), np.nan, dtype=np.float32)
    for place, (file, here, predicted) in found.items():
        if np.array_equal(here, label):
            correct[place] = predicted == label
        else:
            bad[file] = "it is of other test images than most"
    return Images(label, correct), left_out(bad)


def left_out(bad: dict[Path, str]) -> list[str]:
    """A sentence for each reason, with the first of the files that it holds for."""
    sentences = []
    for reason in dict.fromkeys(bad.values()):
        first, *more = [file for file, other in bad.items() if other == reason]
        also = f" and {len(more)} more" if more else ""
        sentences.append(f"Left out: {first}{also} cannot be read ({reason}).")
    return sentences


def of_run(file: Path, run: str) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted labels, (I,) each. Raises whatever a damaged file makes numpy raise, and ValueError."""
    with open(file, "rb") as stream, np.load(stream) as found:  # numpy leaves a bad file open
        if "label" not in found:
            raise ValueError("it holds no true labels, `label`")
        if "run" in found and str(found["run"]) != run:
            raise ValueError(f"it is of run {found['run']}")
        label, predicted = found["label"], found["test"]
    if label.ndim != 1 or label.shape != predicted.shape or not len(label):
        raise ValueError("it does not hold one label an image")
    return label, predicted
