"""A data set of your own: `data=stripes` asks which way the stripes of an image run.

    PYTHONPATH=examples/own_data python -m ablate.train --config-dir examples/own_data/conf data=stripes

A data set knows its facts before anything is loaded, and loads three parts that share no image.
"""

import torch

from ablate.data import Data, Part


class Stripes:
    """Gray images with stripes across (class 0) or down (class 1), each begun at a random row or column."""

    mean, std = (0.5,), (0.5,)  # of the pixels in 0..1, a number a channel
    classes = 2

    def __init__(self, *, size: int, train: int, held_out: int) -> None:
        if size % 4:
            raise ValueError(f"data.size={size} is no multiple of 4, the width of two stripes; 28 is one")
        self.image = (1, size, size)
        self.train, self.held_out = train, held_out

    def load(self) -> Data:
        """Made anew by each process, and always the same."""
        return Data(self.part(self.train, 0), self.part(self.held_out, 1), self.part(self.held_out, 2))

    def part(self, n: int, seed: int) -> Part:
        """`n` images, half of each class, x (n, 1, size, size)."""
        random = torch.Generator().manual_seed(seed)
        begin = torch.randint(4, (n, 1, 1), generator=random)
        across = ((torch.arange(self.image[1])[None, :, None] + begin) % 4 < 2).expand(n, *self.image[1:])
        label = torch.arange(n) % 2
        pixels = torch.where(label[:, None, None] == 0, across, across.transpose(1, 2))
        return Part((255 * pixels[:, None]).to(torch.uint8), label)
