"""The epochs of all runs in one frame."""

from pathlib import Path

import pandas as pd

from ablate.records import record


def read(runs: pd.DataFrame) -> pd.DataFrame:
    """A row for each epoch of each run: cell, seed, epoch, val_acc. A run without a readable history has none."""
    rows = []
    for cell, seed, folder in zip(runs["cell"], runs["seed"], runs["folder"], strict=True):
        if folder is None:
            continue
        try:
            history = record.load_history(Path(folder))
        except (OSError, ValueError):
            continue
        rows += [(cell, seed, row["epoch"], row["val_acc"]) for row in history if {"epoch", "val_acc"} <= set(row)]
    return pd.DataFrame(rows, columns=["cell", "seed", "epoch", "val_acc"])
