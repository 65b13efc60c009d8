"""Gray images in the idx format of MNIST: files of images and of labels, to train and to test with."""

import gzip
import struct
from typing import TYPE_CHECKING

from ablate.data import Part
from ablate.data.load import Contents

if TYPE_CHECKING:
    from torch import Tensor


def read(contents: Contents) -> tuple[Part, Part]:
    """Images to train with and to test with, from four files with the names that MNIST's have, packed or not."""
    raw = {name.removesuffix(".gz"): unpacked(name, content) for name, content in contents.items()}
    train, test = (
        part(raw[f"{which}-images-idx3-ubyte"], raw[f"{which}-labels-idx1-ubyte"]) for which in ("train", "t10k")
    )
    return train, test


def part(images: bytearray, labels: bytearray) -> Part:
    return Part(tensor(images).unsqueeze(1), tensor(labels).long())


def unpacked(name: str, content: bytearray) -> bytearray:
    return bytearray(gzip.decompress(content)) if name.endswith(".gz") else content


def tensor(content: bytearray) -> "Tensor":
    """Values of an idx file: 0, 0, 8 for uint8, n, the n dimensions as big-endian int32, then the values."""
    import torch

    dims = content[3]
    shape = struct.unpack_from(f">{dims}i", content, 4)
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * dims).view(shape)
