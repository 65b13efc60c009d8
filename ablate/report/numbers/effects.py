"""Each contrast of a study with its estimate, its tests and its verdict, one row each."""

import numpy as np
import pandas as pd

from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.grid import Grid
from ablate.report.numbers.paired import ALPHA, SAME, Estimate, estimate, holm, verdicts
from ablate.report.numbers.power import seeds_needed


def per_context(values: np.ndarray, contrast: Contrast) -> np.ndarray:
    """The difference in every context, (..., seeds, cells) -> (..., seeds, contexts); NaN without a run."""
    rows = []
    for weights in contrast.weights:
        part = weights != 0  # a missing run of another context must not spoil this one: 0 x NaN is NaN
        rows.append(values[..., part] @ weights[part])
    return np.stack(rows, -1)


def seed_differences(grid: Grid, contrast: Contrast) -> tuple[np.ndarray, list[int], list[str]]:
    """One difference for each complete seed -> (differences, their seeds, what had to be left out and why).

    A context in which fewer than two seeds are complete is left out as a whole; of the rest, a seed counts
    only if it is complete in every context, so that all seeds average over the same contexts.
    """
    pairs = per_context(grid.values, contrast)  # (S, P)
    complete = ~np.isnan(pairs)
    used = complete.sum(0) >= min(2, complete.sum(0).max())
    seeds = complete[:, used].all(1)
    left_out = []
    for context, name in enumerate(contrast.contexts):
        place = f"{name} " if name else ""
        asked: np.ndarray = np.all(grid.asked[:, contrast.weights[context] != 0], axis=1)
        lacking = [str(s) for s, a, c in zip(grid.seeds, asked, complete[:, context], strict=True) if a and not c]
        if asked.any() and not used[context]:
            left_out.append(f"{place}(fewer than two complete pairs)")
        elif lacking:
            left_out.append(f"{place}seed={','.join(lacking)}")
    return (
        pairs[np.ix_(seeds, used)].mean(1),
        [s for s, c in zip(grid.seeds, seeds, strict=True) if c],
        left_out,
    )


def effects_frame(grid: Grid, contrasts: list[Contrast], margin: float) -> pd.DataFrame:
    """A row a contrast. The rows are one family: Holm's adjustment runs over all of them."""
    rows = []
    for contrast in contrasts:
        differences, seeds, left_out = seed_differences(grid, contrast)
        rows.append(described(contrast, differences, seeds, left_out, estimate(differences, margin)))
    return judged(rows, margin)


NUMBERS = ["mean", "sd", "low", "high", "p", "p_equivalent"]
COLUMNS = [
    "name",
    "axes",
    "arm",
    "against",
    "within",
    "contexts",
    "n",
    "seeds",
    "left_out",
    "differences",
    *NUMBERS,
]


def described(
    contrast: Contrast, differences: np.ndarray, seeds: list[int], left_out: list[str], numbers: Estimate
) -> dict:
    """The row of a contrast before the family is looked at."""
    return {
        "name": contrast.name,
        "axes": contrast.axes,
        "arm": contrast.arm,
        "against": contrast.against,
        "within": contrast.within,
        "contexts": contrast.contexts,
        "n": len(seeds),
        "seeds": seeds,
        "left_out": left_out,
        "differences": differences,
        **numbers._asdict(),
    }


def judged(rows: list[dict], margin: float) -> pd.DataFrame:
    """The family as a frame: effect sizes, Holm's p values, verdicts, and how many seeds would tell.

    `seeds_needed` plans for the difference that was seen, or for the margin if that is larger, at the level
    that Holm leaves each of the differences not shown so far.
    """
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(NUMBERS, float))
    frame["effect_size"] = frame["mean"] / frame["sd"].where(
        frame["sd"] > SAME
    )  # Cohen's d, of paired differences
    frame["p_holm"] = holm(frame["p"].to_numpy())
    frame["p_equivalent_holm"] = holm(frame["p_equivalent"].to_numpy())
    frame["verdict"] = verdicts(*(frame[c].to_numpy() for c in ("mean", "p_holm", "p_equivalent_holm")))
    undecided = (frame["verdict"] == "undecided").to_numpy()
    frame["planned_effect"] = np.where(undecided, np.maximum(frame["mean"].abs(), margin), np.nan)
    alpha = ALPHA / max(1, int((frame["p_holm"] >= ALPHA).sum()))
    needed = [
        seeds_needed(effect, sd, alpha) if open_ else None
        for effect, sd, open_ in zip(frame["planned_effect"], frame["sd"], undecided, strict=True)
    ]
    frame["seeds_needed"] = pd.array(needed, dtype="Int64")
    return frame
