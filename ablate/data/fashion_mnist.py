"""Fashion-MNIST: 70,000 photographs of clothes in the format of MNIST (Xiao, Rasul and Vollgraf, 2017)."""

from collections.abc import Sequence
from pathlib import Path

from ablate.data import Data, idx, knobs, load
from ablate.data.debian import Debian
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.mirror import Mirror
from ablate.data.source import Source


def _sources() -> Sequence[Source]:
    from torchvision.datasets import FashionMNIST

    mirrors = [Mirror(url=url, timeout=10, limit=300) for url in FashionMNIST.mirrors]
    debian = Debian(package="dataset-fashion-mnist", folder=Path("/usr/share/datasets/fashion-mnist"), timeout=120)
    return [debian, *mirrors] if debian.installed() else [*mirrors, debian]


FILES = (
    File(
        name="train-images-idx3-ubyte",
        size=47_040_016,
        sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    File(
        name="train-labels-idx1-ubyte",
        size=60_008,
        sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    File(
        name="t10k-images-idx3-ubyte",
        size=7_840_016,
        sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    File(
        name="t10k-labels-idx1-ubyte",
        size=10_008,
        sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
)
PUBLISHED = Published(
    name="fashion_mnist",
    title="Fashion-MNIST",
    files=FILES,
    sources=_sources,
    places=("", "FashionMNIST/raw"),
)


class FashionMnist:
    """The clothes, with `val` of the 60,000 training images held out by a fixed rule (ablate.data.split).

    root: folder of the files; None is $ABLATE_DATA/fashion_mnist, or fashion_mnist in the per-user data folder.
    """

    image = (1, 28, 28)
    classes = 10
    names = (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )
    mean = 0.2860  # of the training pixels in 0..1, as std
    std = 0.3530

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 60_000)

    def load(self) -> Data:
        """The clothes, on the CPU, fetched and verified."""
        return load.published(PUBLISHED, folder(self.root, "fashion_mnist"), self.val, idx.read)
