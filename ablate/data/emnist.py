"""EMNIST: handwritten letters and digits in the format of MNIST (Cohen, Afshar, Tapson and van Schaik, 2017)."""

import io
import string
import zipfile
from dataclasses import dataclass
from typing import Literal

from ablate.data import Data, Part, idx, knobs, load
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.load import Contents
from ablate.data.mirror import Mirror

ZIP = File(
    name="gzip.zip",
    size=561_753_746,
    sha256="fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
    md5="58c8d27c78d21e728a6bc7b3cc06412e",
)
PUBLISHED = Published(
    name="emnist",
    title="EMNIST",
    files=(ZIP,),
    sources=lambda: [Mirror(url="https://biometrics.nist.gov/cs_links/EMNIST", timeout=10, limit=3600)],
    places=("", "EMNIST/raw"),
)


@dataclass(frozen=True)
class Split:
    """Images to train with, classes in the order of their labels, and mean and sd of the pixels."""

    train: int
    names: tuple[str, ...]
    mean: float
    std: float


EVERY = (*string.digits, *string.ascii_uppercase, *string.ascii_lowercase)
MERGED = tuple(name for name in EVERY if name not in "cijklmopsuvwxyz")  # these look like their capitals
SPLITS = {
    "byclass": Split(697_932, EVERY, 0.174, 0.332),
    "bymerge": Split(697_932, MERGED, 0.174, 0.332),
    "balanced": Split(112_800, MERGED, 0.175, 0.333),
    "letters": Split(124_800, tuple(string.ascii_lowercase), 0.172, 0.331),
    "digits": Split(240_000, tuple(string.digits), 0.173, 0.332),
    "mnist": Split(60_000, tuple(string.digits), 0.173, 0.332),
}


class Emnist:
    """A split of EMNIST, with `val` of its training images held out by a fixed rule (ablate.data.split).

    root: folder of the archive; None is $ABLATE_DATA/emnist, or emnist in the per-user data folder.
    """

    image = (1, 28, 28)

    def __init__(
        self,
        *,
        root: str | None,
        split: Literal["byclass", "bymerge", "balanced", "letters", "digits", "mnist"],
        val: int,
    ) -> None:
        facts = SPLITS[split]
        self.names, self.classes = facts.names, len(facts.names)
        self.mean, self.std = facts.mean, facts.std
        self.root, self.split, self.val = root, split, knobs.held_out(val, facts.train)

    def load(self) -> Data:
        """The images of the split, upright, on the CPU, fetched and verified."""
        return load.published(PUBLISHED, folder(self.root, "emnist"), self.val, read, self.split)


def read(contents: Contents, split: str) -> tuple[Part, Part]:
    """The file holds images column by column, and numbers letters from 1."""
    first = int(split == "letters")
    with zipfile.ZipFile(io.BytesIO(contents[ZIP.name])) as archive:
        train, test = (
            idx.part(*(member(archive, f"emnist-{split}-{which}-{kind}-ubyte.gz") for kind in KINDS))
            for which in ("train", "test")
        )
    return upright(train, first), upright(test, first)


def upright(part: Part, first: int) -> Part:
    return Part(part.x.transpose(2, 3).contiguous(), part.y - first)


KINDS = ("images-idx3", "labels-idx1")


def member(archive: zipfile.ZipFile, name: str) -> bytearray:
    return idx.unpacked(name, bytearray(archive.read(f"gzip/{name}")))
