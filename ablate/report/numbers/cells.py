"""Each cell on its own: how good, how spread, how many of its runs are there."""

from typing import Any

import numpy as np
import pandas as pd

from ablate.report.numbers.paired import estimate

MEASURES = ["test_acc", "test_loss"]
COSTS = ["tokens", "params", "flops_per_image", "train_flops", "images_per_s", "train_s", "peak_bytes"]


def cells_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs (cell, seed, state, measures, costs) -> a row a cell, in the order of the runs.

    Mean, sd (from two seeds on), 95 % t interval of accuracy and loss over the seeds that are done, the
    best and the worst seed by accuracy, the runs asked for, done, failed and still to come, and the mean of
    each cost.
    """
    return pd.DataFrame([{"cell": cell, **_one(part)} for cell, part in runs.groupby("cell", sort=False)])


def _one(part: pd.DataFrame) -> dict:
    done = part[part["state"] == "done"]
    row: dict[str, Any] = {
        "n": len(done),
        "asked": len(part),
        "failed": int((part["state"] == "failed").sum()),
        "waiting": int((~part["state"].isin(["done", "failed"])).sum()),
    }
    for measure in MEASURES:
        values = done[measure].dropna().to_numpy(float)
        found = estimate(values, margin=0.0)
        numbers = {"mean": found.mean, "sd": found.sd, "low": found.low, "high": found.high}
        row |= {f"{measure}_{what}": float(number) for what, number in numbers.items()}
    acc = done.set_index("seed")["test_acc"].astype(float).dropna()  # runs that tune have none
    for what, seed in (
        (("best", acc.idxmax()), ("worst", acc.idxmin())) if len(acc) else (("best", None), ("worst", None))
    ):
        row |= {f"{what}_seed": seed, f"{what}_acc": acc[seed] if seed is not None else np.nan}
    return row | {cost: done[cost].astype(float).mean() for cost in COSTS}
