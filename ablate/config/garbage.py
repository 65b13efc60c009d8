"""How often Python looks for garbage, where many objects are made and few cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

AFTER = 100_000  # new objects; Python's own number is 700 to 2,000


@contextmanager
def seldom() -> Iterator[None]:
    """Inside, it looks seldom. Not for training: a cycle may hold tensors."""
    before = gc.get_threshold()
    gc.set_threshold(AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
