"""Pictures of classes, listed but not decoded: what there is, and what is wrong with it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ablate.data.packed import Packed, Picture

PARTS = ("train", "val", "test")
SHOWN = 3  # broken images that a message names


@dataclass(frozen=True)
class Listing:
    """All pictures by part, class and content, so that neither places nor names of files matter to their order.

    `where` is what the user typed, as messages begin; `read` gives the content of the picture of a name.
    """

    where: str
    names: tuple[str, ...]
    pictures: Sequence[Picture]
    read: Callable[[str], bytes]

    @cached_property
    def content(self) -> str:
        """Digest of all pictures with their classes and parts."""
        lines = (f"{p.part}/{self.names[p.label]}/{p.digest}" for p in self.pictures)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def sizes(self) -> set[tuple[int, int]]:
        return {(p.head.height, p.head.width) for p in self.pictures if p.head}

    @cached_property
    def gray(self) -> bool:
        return all(p.head.gray for p in self.pictures if p.head)


def ordered(pictures: Sequence[Picture]) -> Packed:
    return Packed(sorted(pictures, key=lambda p: (p.part, p.label, p.digest, p.name)))


def check(listing: Listing) -> None:
    """Raises ValueError, one line, for a listing that nothing can be trained on."""
    where, names = listing.where, listing.names
    if len(names) < 2:
        raise ValueError(f"{where} has one class, {names[0]}; two or more folders of images are needed")
    by_part = {part: np.zeros(len(names), dtype=int) for part in {p.part for p in listing.pictures}}
    for picture in listing.pictures:
        by_part[picture.part][picture.label] += 1
    for part, counts in sorted(by_part.items(), key=lambda one: PARTS.index(one[0]) if one[0] else 0):
        if not counts.all():
            lacking = ", ".join(names[i] for i in np.flatnonzero(counts == 0)[:SHOWN])
            there = f"{part}/ has" if part else "there is"
            raise ValueError(f"{where}: {there} no image of class {lacking}; every class needs one in each part")


def broken(listing: Listing, bad: Sequence[int]) -> str:
    """Which images cannot be used: how many, of how many, and the names of the first."""
    names = [listing.pictures[i].name for i in bad[:SHOWN]]
    more = f" and {len(bad) - SHOWN:,} more" if len(bad) > SHOWN else ""
    return (
        f"{listing.where}: {len(bad):,} of {len(listing.pictures):,} files "
        f"{'is no image' if len(bad) == 1 else 'are no images'}: {', '.join(names)}{more}"
    )
