"""One spelling for each value, so that equal ones are equal words: in overrides, in cells and in a baseline."""

from typing import Any, TypeGuard

EXACT = 2**53  # below it each whole number is a float


def spelled(value: object) -> str:
    """A value as Hydra writes the words of a sweep: null, 0.001, [0.9,0.999]."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{','.join(map(spelled, value))}]"
    return str(value)


def alike(value: object, default: object) -> Any:
    """A value of the same kind as its key's default: 5 is 5.0 if that is 1.0; 5.0 is 5 if it is 1 or no number.

    Lists go by their places; nothing is rounded.
    """
    if isinstance(value, list):
        kinds = default if isinstance(default, list) and default else [None]
        return [alike(one, kinds[min(place, len(kinds) - 1)]) for place, one in enumerate(value)]
    if isinstance(default, float) and is_number(value):
        return float(value) if abs(value) < EXACT else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def has_whole(value: object) -> bool:
    """Whether a value holds a number that has two spellings, and nothing that is not written as it is read."""
    if isinstance(value, list):
        plain = all(is_number(one) or one is None or isinstance(one, (bool, list)) for one in value)
        return plain and any(map(has_whole, value))
    return is_number(value) and abs(value) < EXACT and value == int(value)
