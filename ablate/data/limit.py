"""A study with few labels: a part of the training images, by the fixed rule by which others are held out."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ablate.data import Data, Part

if TYPE_CHECKING:
    from torch import Tensor


def limited(data: Data, n: int | None) -> Data:
    """`data` with n of its training images, of each class its share to within one; all of them for None.

    They are the same images for every seed. Raises ValueError for more than there are.
    """
    from ablate.data import stream
    from ablate.data.split import held_out

    if wrong := problem(data, n):
        raise ValueError(wrong)
    if n is None:
        return data
    x, y = data.train.x, data.train.y
    few = held_out(y, n).nonzero().flatten()
    return replace(data, train=Part(cast("Tensor", stream.chosen(x, few)), y[few]))


def problem(data: Data, n: int | None) -> str | None:
    """What is wrong with `limit`, in a line."""
    if n is None or n <= len(data.train):
        return None
    return f"limit={n}: there are {len(data.train):,} training images; 1 to {len(data.train)} or null would work"
