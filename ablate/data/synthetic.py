"""Images made in memory, learnable in seconds by a model that sees where things are."""

import math

from ablate.data import Data, Part

SHADES = 64  # of the noise, uniform in 0..63
WHITE = 255
STEP = 2  # pixels by which the square may be off the corner of its quadrant, down and across


class Synthetic:
    """A white square on dark noise; its class is the quadrant of the image that it lies in.

    Classes differ in position and in nothing else: without their positions, the patches of an image have the same
    distribution in every class. This is so for each patch size that divides half the image, and for 4 (at 28
    pixels: 2, 4, 7 and 14). The reason: the noise is the same everywhere, and from quadrant to quadrant the square
    moves by size/2 pixels. These are whole patches or, with patches of 4, half a patch more, and then its two
    places, which are 2 pixels apart, swap roles.
    """

    def __init__(self, *, train: int, val: int, test: int, size: int, classes: int) -> None:
        if size < 8 or size % 4:
            raise ValueError(f"data.size={size} has no quadrants for patches of 2 and 4; 8, 12, 16, ... do")
        if not 2 <= classes <= 4:
            raise ValueError(f"data.classes={classes} does not fit the four quadrants; 2, 3, 4 do")
        for name, n in (("train", train), ("val", val), ("test", test)):
            if n < classes:
                raise ValueError(f"data.{name}={n} is fewer images than classes; {classes} or more will do")
        self.train, self.val, self.test = train, val, test
        self.image, self.classes = (1, size, size), classes
        self.side = size // 2 - STEP  # pixels of the square: it stays within its quadrant

    @property
    def mean(self) -> float:
        """Expected pixel, in 0..1."""
        white = self.side**2 / self.image[-1] ** 2  # share of the pixels
        return ((1 - white) * (SHADES - 1) / 2 + white * WHITE) / 255

    @property
    def std(self) -> float:
        """Standard deviation of the pixels, in 0..1."""
        white = self.side**2 / self.image[-1] ** 2
        squares = (SHADES - 1) * (2 * SHADES - 1) / 6  # mean of the squares of 0..SHADES-1
        return math.sqrt(((1 - white) * squares + white * WHITE**2) / 255**2 - self.mean**2)

    def load(self) -> Data:
        """The same images at every call, on the CPU; classes in turn, so equally many to within one."""
        return Data(train=self._part(self.train, 0), val=self._part(self.val, 1), test=self._part(self.test, 2))

    def _part(self, n: int, stream: int) -> Part:
        import torch  # takes seconds, so only where images are made

        generator = torch.Generator().manual_seed(stream)
        size = self.image[-1]
        x = torch.randint(0, SHADES, (n, 1, size, size), generator=generator, dtype=torch.uint8)
        y = torch.arange(n) % self.classes
        down, across = STEP * torch.randint(0, 2, (2, n, 1), generator=generator)
        top = down + y[:, None] // 2 * (size // 2)
        left = across + y[:, None] % 2 * (size // 2)
        pixel = torch.arange(size)
        rows = (pixel >= top) & (pixel < top + self.side)  # (n, Y)
        columns = (pixel >= left) & (pixel < left + self.side)  # (n, X)
        x[(rows[:, :, None] & columns[:, None, :])[:, None]] = WHITE
        return Part(x, y)
