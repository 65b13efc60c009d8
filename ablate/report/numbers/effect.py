"""A row of `effects_frame` with names and types: what stands between a frame and the words on it."""

import math
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

UNKNOWN = math.nan


@dataclass(frozen=True, eq=False)
class Effect:
    """A contrast, what was measured of it, and the verdict; a number that was not worked out is NaN."""

    name: str
    axes: tuple[str, ...]
    arm: tuple[str, ...]
    against: tuple[str, ...]
    within: tuple[tuple[str, str], ...]
    n: int
    differences: np.ndarray  # (complete seeds,)
    seeds: list[int]
    weights: np.ndarray  # (cells,)
    left_out: list[str]
    mean: float
    sd: float
    low: float
    high: float
    p: float
    p_equivalent: float
    effect_size: float
    p_holm: float
    p_equivalent_holm: float
    verdict: str
    error: float = UNKNOWN  # standard error of the mean
    df: float = UNKNOWN  # of the error
    method: str = "paired"  # a name of numbers/method.py
    planned_effect: float = UNKNOWN
    seeds_needed: int | None = None
    low_images: float = UNKNOWN
    high_images: float = UNKNOWN


FIELDS = [field.name for field in fields(Effect)]


def effects(frame: pd.DataFrame) -> list[Effect]:
    """The rows of a frame in its order."""
    known = [name for name in FIELDS if name in frame]
    rows = [dict(zip(known, row, strict=True)) for row in frame[known].itertuples(index=False, name=None)]
    return [Effect(**row | {"seeds_needed": _whole(row.get("seeds_needed"))}) for row in rows]


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | np.integer) else None
