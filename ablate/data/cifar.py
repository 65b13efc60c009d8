"""CIFAR-10 and CIFAR-100: 60,000 small photographs (Krizhevsky, 2009), from the binary version: no pickles."""

import io
import tarfile

from ablate.data import Data, Part, knobs, load
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.load import Contents
from ablate.data.mirror import Mirror

URL = "https://www.cs.toronto.edu/~kriz"
CIFAR10 = Published(
    name="cifar10",
    title="CIFAR-10",
    files=(
        File(
            name="cifar-10-binary.tar.gz",
            size=170_052_171,
            sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            md5="c32a1d4ab5d03f1284b67883e8d87530",
        ),
    ),
    sources=lambda: [Mirror(url=URL, timeout=10, limit=1800)],
    places=("",),
)
CIFAR100 = Published(
    name="cifar100",
    title="CIFAR-100",
    files=(
        File(
            name="cifar-100-binary.tar.gz",
            size=168_513_733,
            sha256="58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            md5="03b5dce01913d631647c71ecec9e9cb8",
        ),
    ),
    sources=lambda: [Mirror(url=URL, timeout=10, limit=1800)],
    places=("",),
)


HUNDRED = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""


class Cifar10:
    """Ten kinds of things, with `val` of the 50,000 training images held out by a fixed rule (ablate.data.split).

    root: folder of the archive; None is $ABLATE_DATA/cifar10, or cifar10 in the per-user data folder.
    """

    image = (3, 32, 32)
    classes = 10
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    mean = (0.4914, 0.4822, 0.4465)  # of the training pixels in 0..1, as std: red, green, blue
    std = (0.2470, 0.2435, 0.2616)

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 50_000)

    def load(self) -> Data:
        """The photographs, on the CPU, fetched and verified."""
        return load.published(CIFAR10, folder(self.root, "cifar10"), self.val, read10)


class Cifar100:
    """A hundred kinds of things, with `val` of the 50,000 training images held out (ablate.data.split).

    root: folder of the archive; None is $ABLATE_DATA/cifar100, or cifar100 in the per-user data folder.
    """

    image = (3, 32, 32)
    classes = 100
    names = tuple(HUNDRED.split())
    mean = (0.5071, 0.4865, 0.4409)  # of the training pixels in 0..1, as std: red, green, blue
    std = (0.2673, 0.2564, 0.2762)

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 50_000)

    def load(self) -> Data:
        """The photographs, on the CPU, fetched and verified."""
        return load.published(CIFAR100, folder(self.root, "cifar100"), self.val, read100)


def read10(contents: Contents) -> tuple[Part, Part]:
    names = [f"cifar-10-batches-bin/{name}.bin" for name in (*BATCHES, "test_batch")]
    with unpacked(contents["cifar-10-binary.tar.gz"]) as archive:
        *batches, test = (member(archive, name) for name in names)
    return part(b"".join(batches), labels=1), part(test, labels=1)


BATCHES = [f"data_batch_{i}" for i in range(1, 6)]


def read100(contents: Contents) -> tuple[Part, Part]:
    with unpacked(contents["cifar-100-binary.tar.gz"]) as archive:
        train, test = (member(archive, f"cifar-100-binary/{name}.bin") for name in ("train", "test"))
    return part(train, labels=2), part(test, labels=2)


def part(content: bytes, labels: int) -> Part:
    """Records of `labels` bytes, the last of which is the class, and an image: red, green and blue, row by row."""
    import torch

    records = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(-1, labels + 3 * 32 * 32)
    return Part(records[:, labels:].reshape(-1, 3, 32, 32), records[:, labels - 1].long())


def unpacked(content: bytearray) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(content), mode="r:gz")


def member(archive: tarfile.TarFile, name: str) -> bytes:
    found = archive.extractfile(name)
    assert found is not None, name  # the archive is verified
    return found.read()
