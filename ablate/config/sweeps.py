"""The values of a word that sweeps: `pos=none,learned`, `seed=range(5)`."""

import math
from collections.abc import Iterator
from typing import Any

from hydra.core.override_parser.types import Override, RangeSweep

from ablate.config.errors import UserError
from ablate.config.words import shown

MOST_VALUES = 100_000  # of one key; to compose so many runs takes an hour and more


def finite(override: Override) -> Iterator[Any]:
    """The values of a sweep. UserError where there are none, too many or no end of them."""
    word, value = shown([override.input_line or ""])[0], override._value
    key = override.key_or_group
    if not override.is_discrete_sweep():
        raise UserError(f"{word}: has no end of values; name them: {key}=1,2,3")
    if isinstance(value, RangeSweep):
        if (length := length_of(value)) is None:
            raise UserError(f"{word}: no range of numbers; {key}=range(5) is one")
        if length > MOST_VALUES:
            raise UserError(f"{word}: more than {MOST_VALUES:,} values; {key}=range(5) are five")
    values = list(override.sweep_iterator())
    if not values:
        raise UserError(f"{word}: holds no value; {key}=range(5) are five")
    return iter(values)


def length_of(value: RangeSweep) -> float | None:
    """How many numbers a range has, about; None for one without an end or a step."""
    start, stop, step = (
        n if isinstance(n, (int, float)) else math.nan for n in (value.start, value.stop, value.step)
    )
    return (stop - start) / step if all(map(math.isfinite, (start, stop, step))) and step else None
