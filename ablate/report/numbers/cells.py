"""Each cell on its own: how good, how spread, how many of its runs are there."""

from typing import Any

import numpy as np
import pandas as pd

from ablate.report.numbers.paired import estimate

COSTS = ["tokens", "params", "flops_per_image", "train_flops", "images_per_s", "train_s", "peak_bytes"]


def cells_frame(runs: pd.DataFrame, measures: list[str], sign: int = 1) -> pd.DataFrame:
    """Runs (cell, seed, state, counted, measures, costs) -> a row a cell, in the order of the runs.

    Mean, sd (from two seeds on), 95 % t interval of each measure over the seeds that are done, the best and
    the worst seed by the first of them (the largest is best, with sign -1 the smallest), the runs asked for,
    done, failed and still to come, and the mean of each cost.
    """
    return pd.DataFrame(
        [{"cell": cell, **_one(part, measures, sign)} for cell, part in runs.groupby("cell", sort=False)]
    )


def _one(part: pd.DataFrame, measures: list[str], sign: int) -> dict:
    done = part[part["counted"]]
    row: dict[str, Any] = {
        "n": len(done),
        "asked": len(part),
        "failed": int((part["state"] == "failed").sum()),
        "waiting": int((~part["state"].isin(["done", "failed"])).sum()),
    }
    for measure in measures:
        values = done[measure].dropna().to_numpy(float)
        told = estimate(values, margin=0.0)
        numbers = {"mean": told.mean, "sd": told.sd, "low": told.low, "high": told.high}
        row |= {f"{measure}_{what}": float(number) for what, number in numbers.items()}
    found = done.set_index("seed")[measures[0]].astype(float).dropna()  # runs that tune have none
    ends = ((sign * found).idxmax(), (sign * found).idxmin()) if len(found) else (None, None)
    for what, seed in zip(("best", "worst"), ends, strict=True):
        row |= {f"{what}_seed": seed, f"{what}_{short(measures[0])}": np.nan if seed is None else found[seed]}
    return row | {cost: done[cost].astype(float).mean() for cost in COSTS}


def short(measure: str) -> str:
    """`best_acc` is the column of the best test_acc; another metric has its whole name in it."""
    return measure.removeprefix("test_")


def plain(cells: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The same frame with `mean`, `sd`, `low`, `high`, `best` and `worst` in place of a measure's own columns."""
    names = {f"{measure}_{what}": what for what in ("mean", "sd", "low", "high")}
    return cells.rename(columns=names | {f"{what}_{short(measure)}": what for what in ("best", "worst")})
