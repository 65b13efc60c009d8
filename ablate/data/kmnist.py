"""Kuzushiji-MNIST: 70,000 letters of old Japanese script in the format of MNIST (Clanuwat et al., 2018)."""

from ablate.data import Data, idx, knobs, load
from ablate.data.fetch import Published, folder
from ablate.data.files import File
from ablate.data.mirror import Mirror

URL = "http://codh.rois.ac.jp/kmnist/dataset/kmnist"
FILES = (
    File(
        name="train-images-idx3-ubyte.gz",
        size=18_165_135,
        sha256="51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        md5="bdb82020997e1d708af4cf47b453dcf7",
    ),
    File(
        name="train-labels-idx1-ubyte.gz",
        size=29_497,
        sha256="e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        md5="e144d726b3acfaa3e44228e80efcd344",
    ),
    File(
        name="t10k-images-idx3-ubyte.gz",
        size=3_041_136,
        sha256="edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        md5="5c965bf0a639b31b8f53240b1b52f4d7",
    ),
    File(
        name="t10k-labels-idx1-ubyte.gz",
        size=5_120,
        sha256="20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        md5="7320c461ea6c1c855c0b718fb2a4b134",
    ),
)
PUBLISHED = Published(
    name="kmnist",
    title="KMNIST",
    files=FILES,
    sources=lambda: [Mirror(url=URL, timeout=10, limit=300)],
    places=("", "KMNIST/raw"),
)


class Kmnist:
    """The letters, with `val` of the 60,000 training images held out by a fixed rule (ablate.data.split).

    root: folder of the files; None is $ABLATE_DATA/kmnist, or kmnist in the per-user data folder.
    """

    image = (1, 28, 28)
    classes = 10
    names = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    mean = 0.1918  # of the training pixels in 0..1, as std
    std = 0.3483

    def __init__(self, *, root: str | None, val: int) -> None:
        self.root, self.val = root, knobs.held_out(val, 60_000)

    def load(self) -> Data:
        """The letters, on the CPU, fetched and verified."""
        return load.published(PUBLISHED, folder(self.root, "kmnist"), self.val, idx.read)
