"""Small data sets in the binary formats of the published ones, written by hand from their documentation."""

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from dataclasses import replace

import numpy as np
from scipy.io import savemat

from ablate.data import cifar, emnist, kmnist, svhn
from ablate.data.fetch import Published
from ablate.data.files import File


def images(n: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">4B{values.ndim}i", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


def of(published: Published, contents: dict[str, bytes]) -> Published:
    """The data set with these files in the place of the published ones; their sums are pinned as those are."""
    files = tuple(
        File(name, len(c), hashlib.sha256(c).hexdigest(), hashlib.md5(c).hexdigest())
        for name, c in contents.items()
    )
    assert [file.name for file in files] == [file.name for file in published.files]
    return replace(published, files=files)


def of_kmnist(train: np.ndarray, y: np.ndarray, test: np.ndarray, test_y: np.ndarray) -> dict[str, bytes]:
    values = (train, y, test, test_y)
    return {file.name: gzip.compress(idx(v)) for file, v in zip(kmnist.FILES, values, strict=True)}


def of_emnist(
    split: str, train: np.ndarray, y: np.ndarray, test: np.ndarray, test_y: np.ndarray
) -> dict[str, bytes]:
    """Images are stored column by column; the letters are numbered from 1."""
    packed = io.BytesIO()
    first = int(split == "letters")
    with zipfile.ZipFile(packed, "w") as archive:
        for which, x, labels in (("train", train, y), ("test", test, test_y)):
            name = f"gzip/emnist-{split}-{which}"
            archive.writestr(f"{name}-images-idx3-ubyte.gz", gzip.compress(idx(x.transpose(0, 2, 1).copy())))
            archive.writestr(f"{name}-labels-idx1-ubyte.gz", gzip.compress(idx(labels + np.uint8(first))))
    return {emnist.ZIP.name: packed.getvalue()}


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def records(x: np.ndarray, *labels: np.ndarray) -> bytes:
    return np.concatenate([*(y[:, None] for y in labels), x.reshape(len(x), -1)], axis=1).tobytes()


def of_cifar10(train: np.ndarray, y: np.ndarray, test: np.ndarray, test_y: np.ndarray) -> dict[str, bytes]:
    fifths = zip(np.array_split(train, 5), np.array_split(y, 5), strict=True)
    members = {f"cifar-10-batches-bin/data_batch_{i}.bin": records(*part) for i, part in enumerate(fifths, 1)}
    members["cifar-10-batches-bin/test_batch.bin"] = records(test, test_y)
    return {cifar.CIFAR10.files[0].name: archive(members)}


def of_cifar100(train: np.ndarray, y: np.ndarray, test: np.ndarray, test_y: np.ndarray) -> dict[str, bytes]:
    """A record begins with the coarse class, which is not used, and the fine one."""
    members = {
        "cifar-100-binary/train.bin": records(train, y // 5, y),
        "cifar-100-binary/test.bin": records(test, test_y // 5, test_y),
    }
    return {cifar.CIFAR100.files[0].name: archive(members)}


def of_svhn(train: np.ndarray, y: np.ndarray, test: np.ndarray, test_y: np.ndarray) -> dict[str, bytes]:
    """Matlab's way: the last axis counts images, and the digit 0 is class 10."""
    contents = {}
    for file, x, labels in zip(svhn.FILES, (train, test), (y, test_y), strict=True):
        written = io.BytesIO()
        savemat(written, {"X": x.transpose(2, 3, 1, 0), "y": np.where(labels == 0, 10, labels)[:, None]})
        contents[file.name] = written.getvalue()
    return contents
