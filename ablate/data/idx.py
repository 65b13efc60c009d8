"""Gray images in the idx format of MNIST: four files, images and labels to train and to test with."""

import functools
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.data import Data, Part
from ablate.data.fetch import Published, fetch

if TYPE_CHECKING:
    from torch import Tensor

NAMES = (
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    *("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)


@functools.lru_cache(maxsize=2)  # a sweep loads the same images for every run
def load(published: Published, root: Path, val: int) -> Data:
    """The images of the four files, on the CPU, `val` of those to train with held out.

    Fetches the files if need be and verifies them; later calls in the same process give the same tensors. Raises
    fetch.Unavailable if a file is not here and no source has it.
    """
    from ablate.data.split import split

    contents = fetch(published, root)
    images, labels, test_images, test_labels = (tensor(contents[file.name]) for file in published.files)
    train, held = split(Part(images.unsqueeze(1), labels.long()), val)
    return Data(train=train, val=held, test=Part(test_images.unsqueeze(1), test_labels.long()))


def tensor(content: bytearray) -> "Tensor":
    """Values of an idx file: 0, 0, 8 for uint8, n, the n dimensions as big-endian int32, then the values."""
    import torch

    dims = content[3]
    shape = struct.unpack_from(f">{dims}i", content, 4)
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * dims).view(shape)
