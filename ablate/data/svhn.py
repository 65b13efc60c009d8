"""SVHN: 99,289 house numbers in photographs of streets, a digit each (Netzer et al., 2011)."""

import io

from ablate.data import Data, Part, knobs, load
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.load import Contents
from ablate.data.mirror import Mirror

FILES = (
    File(
        name="train_32x32.mat",
        size=182_040_794,
        sha256="435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
        md5="e26dedcc434d2e4c54c9b2d4a06d8373",
    ),
    File(
        name="test_32x32.mat",
        size=64_275_384,
        sha256="cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
        md5="eb5a983be6a315427106f1b164d9cef3",
    ),
)
PUBLISHED = Published(
    name="svhn",
    title="SVHN",
    files=FILES,
    sources=lambda: [Mirror(url="http://ufldl.stanford.edu/housenumbers", timeout=10, limit=1800)],
    places=("",),
)


class Svhn:
    """The digits, with `val` of the 73,257 training images held out by a fixed rule (ablate.data.split).

    root: folder of the files; None is $ABLATE_DATA/svhn, or svhn in the per-user data folder.
    """

    image = (3, 32, 32)
    classes = 10
    names = tuple("0123456789")
    mean = (0.4377, 0.4438, 0.4728)  # of the training pixels in 0..1, as std: red, green, blue
    std = (0.1980, 0.2010, 0.1970)

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 73_257)

    def load(self) -> Data:
        """The digits, on the CPU, fetched and verified."""
        return load.published(PUBLISHED, folder(self.root, "svhn"), self.val, read)


def read(contents: Contents) -> tuple[Part, Part]:
    train, test = (part(contents[file.name]) for file in FILES)
    return train, test


def part(content: bytearray) -> Part:
    """A file of Matlab's: X (Y, X, C, n) and y (n, 1), in which 10 is the digit 0."""
    import torch
    from scipy.io import loadmat

    found = loadmat(io.BytesIO(content), variable_names=["X", "y"])
    images = torch.from_numpy(found["X"]).permute(3, 2, 0, 1).contiguous()  # (n, C, Y, X)
    return Part(images, torch.from_numpy(found["y"]).flatten().long() % 10)
