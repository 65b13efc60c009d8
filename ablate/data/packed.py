"""Many pictures in little memory: 100 bytes for each, where objects would take 800."""

from collections.abc import Sequence
from typing import NamedTuple, overload

import numpy as np

from ablate.data.decode import Head


class Picture(NamedTuple):
    """One file: its part ("" where all are still to be split), class, digest, head (None: no image) and name."""

    part: str
    label: int
    digest: str
    head: Head | None
    name: str


class Packed(Sequence[Picture]):
    """Pictures by their number. What most of them share is kept once; each is put together when asked for."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self.shared = list(dict.fromkeys((one.part, one.label, one.head) for one in pictures))
        number = {what: n for n, what in enumerate(self.shared)}
        self.what = np.array([number[one.part, one.label, one.head] for one in pictures], dtype=np.int32)
        self.digests = b"".join(bytes.fromhex(one.digest) for one in pictures)
        self.size = len(self.digests) // max(1, len(pictures))  # of a digest
        names = [one.name.encode("utf-8", "surrogateescape") for one in pictures]
        self.ends = np.cumsum([0, *map(len, names)])
        self.names = b"".join(names)

    def __len__(self) -> int:
        return len(self.what)

    @overload
    def __getitem__(self, at: int) -> Picture: ...
    @overload
    def __getitem__(self, at: slice) -> list[Picture]: ...
    def __getitem__(self, at: int | slice) -> Picture | list[Picture]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        at = range(len(self))[at]  # raises IndexError, which ends a loop over all
        part, label, head = self.shared[self.what[at]]
        name = self.names[self.ends[at] : self.ends[at + 1]].decode("utf-8", "surrogateescape")
        return Picture(part, label, self.digests[at * self.size : (at + 1) * self.size].hex(), head, name)
