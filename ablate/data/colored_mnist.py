"""MNIST in colours that tell a set share of the labels: a data set whose shortcut is known."""

import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.data import Data, Part, idx, knobs, load
from ablate.data.fetch import folder
from ablate.data.mnist import PUBLISHED, Mnist

if TYPE_CHECKING:
    from torch import Generator, Tensor

LUMA, CHROMA = 0.5, 0.28  # of every colour: as far from gray as all ten can be


def color(k: int) -> tuple[float, float, float]:
    """The k-th of ten colours, 36 degrees of hue apart and alike in luma (ITU-R BT.601), RGB in 0..1."""
    angle = 2 * math.pi * k / 10
    cb, cr = CHROMA * math.cos(angle), CHROMA * math.sin(angle)
    return LUMA + 1.402 * cr, LUMA - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587, LUMA + 1.772 * cb


COLORS = tuple(color(k) for k in range(10))
SQUARE = Mnist.std**2 + Mnist.mean**2  # mean of the squares of MNIST's pixels


class ColoredMnist:
    """Each digit in one of ten colours; all ten look alike in gray.

    Of the training and validation images a `share` has the colour of its class, and the others one drawn at
    random; all test colours are drawn at random. So at share 0 colour is worth nothing. The higher the share, the
    more a model that sees colour is led to rely on what test images do not have. One that sees gray sees MNIST.

    root: folder of MNIST's files, as in data=mnist. seed: of the colours, not of the run.
    """

    image = (3, 28, 28)
    classes = 10
    names = Mnist.names
    gray = (LUMA * Mnist.mean, LUMA * Mnist.std)
    mean = (LUMA * Mnist.mean,) * 3  # of the training pixels in 0..1, with colours that tell nothing of the class
    std = tuple(
        math.sqrt(SQUARE * sum(c[i] ** 2 for c in COLORS) / 10 - (LUMA * Mnist.mean) ** 2) for i in range(3)
    )

    def __init__(self, *, root: str | None, val: int, share: float, seed: int) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"data.share={share} is no share; 0 to 1 are")
        self.root, self.val = root, knobs.held_out(val, 60_000)
        self.share, self.seed = share, seed

    def load(self) -> Data:
        """The digits in their colours, on the CPU; the same ones at every call."""
        return _colored(folder(self.root, "mnist"), self.val, float(self.share), self.seed)


@functools.lru_cache(maxsize=2)  # a sweep loads the same images for every run
def _colored(root: Path, val: int, share: float, seed: int) -> Data:
    import torch

    def painted(part: Part, share: float, stream: int) -> Part:
        generator = torch.Generator().manual_seed(3 * seed + stream)
        return Part(paint(part.x, chosen(part.y, share, generator)), part.y)

    digits = load.published(PUBLISHED, root, val, idx.read)
    return Data(
        train=painted(digits.train, share, 0),
        val=painted(digits.val, share, 1),
        test=painted(digits.test, 0.0, 2),
    )


def chosen(y: "Tensor", share: float, generator: "Generator") -> "Tensor":
    """Which colour each image has, (n,) classes -> (n,): its class' own for a `share` of them.

    With one seed an image that has the colour of its class at one share has it at every higher one too.
    """
    import torch

    own = torch.rand(len(y), generator=generator, dtype=torch.float64) < share
    return torch.where(own, y, torch.randint(10, y.shape, generator=generator))


def paint(x: "Tensor", colors: "Tensor") -> "Tensor":
    """(n, 1, Y, X) gray and (n,) colours -> (n, 3, Y, X), uint8."""
    import torch

    shades = torch.arange(256).view(1, 256, 1) * torch.tensor(COLORS).view(10, 1, 3)
    table = shades.round().byte().permute(2, 0, 1).flatten(1)  # (3, colour and pixel)
    painted = torch.empty(len(x), 3, *x.shape[2:], dtype=torch.uint8)
    for part, which, out in zip(x.split(2000), colors.split(2000), painted.split(2000), strict=True):
        index = which.view(-1, 1, 1) * 256 + part[:, 0]  # (n, Y, X)
        for channel in range(3):
            out[:, channel] = table[channel][index]
    return painted
