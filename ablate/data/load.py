"""Published images as three parts: fetched, verified, read, and split by the fixed rule."""

import functools
from collections.abc import Callable
from pathlib import Path

from ablate.data import Data, Part
from ablate.data.fetch import Published, fetch

Contents = dict[str, bytearray]  # of the published files by name


@functools.lru_cache(maxsize=2)  # a sweep loads the same images for every run
def published(
    data: Published, root: Path, val: int, read: Callable[..., tuple[Part, Part]], *variant: str
) -> Data:
    """The images of `data`, on the CPU, `val` of those to train with held out.

    `read` makes the images to train with and to test with of the files' contents, for a `variant` of the data set
    if it has several. Later calls in the same process give the same tensors. Raises fetch.Unavailable if a file is
    not here and no source has it.
    """
    from ablate.data.split import split

    whole, test = read(fetch(data, root), *variant)
    train, held = split(whole, val)
    return Data(train=train, val=held, test=test)
