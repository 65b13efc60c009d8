"""Each contrast of a study with its estimate, its tests and its verdict, one row each."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.grid import Grid
from ablate.report.numbers.paired import SAME, Estimate, holm, verdicts


def per_context(values: np.ndarray, contrast: Contrast) -> np.ndarray:
    """The difference in every context, (..., seeds, cells) -> (..., seeds, contexts); NaN without a run."""
    rows = []
    for weights in contrast.weights:
        part = weights != 0  # a missing run of another context must not spoil this one: 0 x NaN is NaN
        rows.append(values[..., part] @ weights[part])
    return np.stack(rows, -1)


class Paired(NamedTuple):
    """A contrast on the seeds that are complete: one difference for each of them, and how it was taken."""

    differences: np.ndarray  # (complete seeds,)
    seeds: list[int]
    weights: np.ndarray  # (cells,), the mean of the contexts that were used
    left_out: list[str]  # runs and contexts that were asked for but are not complete


def paired(grid: Grid, contrast: Contrast) -> Paired:
    """One difference for each complete seed.

    A context in which fewer than two seeds are complete is left out as a whole; of the rest, a seed counts
    only if it is complete in every context, so that all seeds average over the same contexts.
    """
    pairs = per_context(grid.values, contrast)  # (S, contexts)
    complete = ~np.isnan(pairs)
    used = complete.sum(0) >= min(2, complete.sum(0).max())
    whole = complete[:, used].all(1)
    left_out = []
    for context, name in enumerate(contrast.contexts):
        place = f"{name} " if name else ""
        asked: np.ndarray = np.all(grid.asked[:, contrast.weights[context] != 0], axis=1)
        lacking = [str(s) for s, a, c in zip(grid.seeds, asked, complete[:, context], strict=True) if a and not c]
        if asked.any() and not used[context]:
            left_out.append(f"{place}(fewer than two complete pairs)")
        elif lacking:
            left_out.append(f"{place}seed={','.join(lacking)}")
    seeds = [s for s, c in zip(grid.seeds, whole, strict=True) if c]
    return Paired(pairs[np.ix_(whole, used)].mean(1), seeds, contrast.weights[used].mean(0), left_out)


NUMBERS = [*Estimate._fields]
COLUMNS = ["name", "axes", "arm", "against", "within", "contexts", "n", *Paired._fields, *NUMBERS, "method"]


def described(contrast: Contrast, pairs: Paired, numbers: Estimate, method: str) -> dict[str, object]:
    """The row of a contrast before the family is looked at."""
    names = ("name", "axes", "arm", "against", "within", "contexts")
    design = {name: getattr(contrast, name) for name in names}
    return design | {"n": len(pairs.seeds)} | pairs._asdict() | numbers._asdict() | {"method": method}


def judged(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The family as a frame: adds effect sizes, Holm's p values over all rows, and the verdicts."""
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(NUMBERS, float))
    frame["effect_size"] = frame["mean"] / frame["sd"].where(
        frame["sd"] > SAME
    )  # Cohen's d, of paired differences
    frame["p_holm"] = holm(frame["p"].to_numpy())
    frame["p_equivalent_holm"] = holm(frame["p_equivalent"].to_numpy())
    frame["verdict"] = verdicts(*(frame[c].to_numpy() for c in ("mean", "p_holm", "p_equivalent_holm")))
    return frame
