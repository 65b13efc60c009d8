"""How many seeds a question needs."""

import numpy as np
import pandas as pd
from scipy import special

from ablate.report.numbers.method import AUTO, FEW, PAIRED, applies
from ablate.report.numbers.paired import ALPHA

POWER = 0.8
MOST = 100_000  # seeds; beyond this the answer is: not with this spread


def power(effect: float, sd: float, seeds: int, alpha: float = ALPHA, df: float | None = None) -> float:
    """Chance that a two-sided paired t test at `alpha` sees a true mean `effect` (Cohen 1988, chapter 2)."""
    shift, df = abs(effect) / sd * seeds**0.5, seeds - 1 if df is None else df
    edge = special.stdtrit(df, 1 - alpha / 2)
    wrong_side = special.nctdtr(df, shift, -edge)  # NaN where it is too small to be worked out
    return float(1 - special.nctdtr(df, shift, edge) + np.nan_to_num(wrong_side))


def seeds_needed(effect: float, sd: float, alpha: float = ALPHA, wanted: float = POWER) -> int | None:
    """Fewest seeds that see a difference `effect` with the wanted power; None if that takes over 100,000.

    `sd` is that of the paired differences over seeds. Give `alpha` as the family leaves it: with Holm and m
    questions open, ALPHA / m.
    """
    if not effect > 0 or not sd > 0 or power(effect, sd, MOST, alpha) < wanted:
        return None
    low, high = 1, 2  # power(low) < wanted <= power(high)
    while power(effect, sd, high, alpha) < wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, sd, middle, alpha) >= wanted else (middle, high)
    return high


def planned(effects: pd.DataFrame, margin: float, effect: float | None = None, method: str = AUTO) -> pd.DataFrame:
    """Adds the seeds that questions of a family need: all of them for a given `effect`, else the undecided ones.

    These are planned for the difference that was seen, or for the margin if that is larger. The level is
    what Holm leaves to each of the differences that are not shown so far.
    """
    undecided = (effects["verdict"] == "undecided").to_numpy()
    seen = np.fmax(effects["mean"].abs(), margin).where(undecided)  # without a margin, as it was seen
    target = seen if effect is None else pd.Series(effect, index=effects.index)
    alpha = ALPHA / max(1, int((effects["p_holm"] >= ALPHA).sum()))
    needed = [seeds_needed(e, sd, alpha) for e, sd in zip(target, effects["sd"], strict=True)]
    for i in np.flatnonzero(effects["method"] != PAIRED):
        row = effects.iloc[i]
        few = few_needed(target.iloc[i], row["error"] * row["n"] ** 0.5, row["df"] / (row["n"] - 1), alpha, method)
        needed[i] = few or needed[i]
    if effect is None:  # what is undecided is so with more luck than planned for
        needed = [n and max(n, int(have) + 1) for n, have in zip(needed, effects["n"], strict=True)]
    return effects.assign(planned_effect=target, seeds_needed=pd.array(needed, dtype="Int64"))


def few_needed(effect: float, sd: float, more: float, alpha: float, method: str) -> int | None:
    """Seeds that see an effect where the other arms of the axis are asked; None if it takes more than that many.

    `sd` is the one that they tell of, with `more` times the paired degrees of freedom.
    """
    found = (n for n in range(2, FEW + 1) if effect > 0 and applies(method, n))
    return next((n for n in found if power(effect, sd, n, alpha, more * (n - 1)) >= POWER), None)
