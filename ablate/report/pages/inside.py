"""Figures of the inside of runs, which python -m ablate.inspect has left next to their records."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ablate.records.best import best_of_arms, named
from ablate.records.run_record import RunRecord, label, telling

FOLDER = "inside"
CAPTIONS = {
    "positions": "Cosine similarity of the position of each patch with those of all others, from -1 (dark) to 1.",
    "patches": "Principal components of the patch kernel, each scaled by itself.",
    "attention": "What is looked at in test images: by the CLS token if there is one, else by all patches.",
    "distance": "How far the patches look, in pixels: a dot for each head.",
    "confusion": "Test images of each class by what they were taken for; colours leave out right answers.",
    "mistakes": "Test images of which the model is surest and wrong.",
}


class Picture(NamedTuple):
    """An image file, as the page names it."""

    file: str
    caption: str


class Inside(NamedTuple):
    """What there is of one run."""

    run: str
    pictures: list[Picture]


def inside(records: Iterable[RunRecord], out: Path) -> list[Inside]:
    """Of all runs that were looked into, in the order of the records; `out` is where the page goes."""
    every, found = list(records), []
    arms = best_of_arms([one for one in every if one.state == "done" and one.folder])
    for one in every:
        folder = Path(one.folder or "") / FOLDER
        pictures = [
            Picture(os.path.relpath(folder / f"{name}.png", out), caption)
            for name, caption in CAPTIONS.items()
            if one.folder and (folder / f"{name}.png").is_file()
        ]
        if pictures:
            name = f"{label(one.cell, telling(one.overrides))} seed={one.seed}"
            found.append(Inside(name + named(arms.get(folder.parent, [])), pictures))
    return found
