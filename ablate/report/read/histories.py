"""The epochs of all runs in one frame."""

from pathlib import Path

import pandas as pd

from ablate.records import record


def read(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """A row for each epoch of each run: cell, seed, epoch, value. A run without a readable one has none."""
    rows = []
    for cell, seed, folder in zip(runs["cell"], runs["seed"], runs["folder"], strict=True):
        if folder is None:
            continue
        try:
            history = record.load_history(Path(folder))
        except (OSError, ValueError):
            continue
        rows += [(cell, seed, row["epoch"], row[name]) for row in history if {"epoch", name} <= set(row)]
    return pd.DataFrame(rows, columns=["cell", "seed", "epoch", "value"])
