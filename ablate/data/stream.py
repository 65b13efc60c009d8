"""Images on disk that a run takes a batch at a time, for data sets that are larger than memory."""

import mmap
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

AHEAD = 2  # batches a worker that wait to be used


class Streamed:
    """Images (n, C, Y, X) uint8 that stay in a memory-mapped file; to be used in the place of a tensor of them.

    `workers` threads copy the next batches while the model works on this one; on a GPU into pinned memory, from
    which they go there on their own. 0 copies each batch when it is asked for.
    """

    def __init__(
        self, file: Path, image: tuple[int, int, int], rows: np.ndarray, workers: int, device: str = "cpu"
    ) -> None:
        self.file, self.image, self.rows, self.workers = file, image, rows, workers
        self.device = torch.device(device)
        with open(file, "rb") as opened:
            self.mapping = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        self.all = np.frombuffer(self.mapping, dtype=np.uint8).reshape(-1, *image)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.image

    @property
    def is_cuda(self) -> bool:
        return self.device.type == "cuda"

    def to(self, device: torch.device | str) -> "Streamed":
        return Streamed(self.file, self.image, self.rows, self.workers, str(device))

    def split(self, batch: int) -> Iterator[Tensor]:
        """All images in order, `batch` at a time, on the device."""
        return self.batches(torch.arange(len(self)).split(batch))

    def batches(self, indices: Iterable[Tensor]) -> Iterator[Tensor]:
        """The images of each of the `indices`, (B,) int64 -> (B, C, Y, X), on the device."""
        if not self.workers:
            yield from (self.placed(self.copied(index)) for index in indices)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            waiting: deque[Future[Tensor]] = deque()
            for index in indices:
                waiting.append(pool.submit(self.copied, index))
                if len(waiting) > AHEAD * self.workers:
                    yield self.placed(waiting.popleft().result())
            while waiting:
                yield self.placed(waiting.popleft().result())

    def copied(self, index: Tensor) -> Tensor:
        """A copy in memory. The pages of the file are given back at once: all are more than memory holds."""
        out = torch.empty(len(index), *self.image, dtype=torch.uint8, pin_memory=self.is_cuda)
        np.take(self.all, self.rows[index.cpu().numpy()], axis=0, out=out.numpy(), mode="clip")
        if hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)
        return out

    def placed(self, images: Tensor) -> Tensor:
        return images.to(self.device, non_blocking=True)


def chosen(x: Tensor | Streamed, index: Tensor) -> Tensor | Streamed:
    """The images at `index`, (n,) int64, kept where all of them are."""
    if isinstance(x, Streamed):
        return Streamed(x.file, x.image, x.rows[index.cpu().numpy()], x.workers, str(x.device))
    return x.index_select(0, index)


def batches(x: Tensor | Streamed, indices: Iterable[Tensor]) -> Iterator[Tensor]:
    """The images of each of the `indices`, wherever they are kept."""
    if isinstance(x, Streamed):
        return x.batches(indices)
    return (x.index_select(0, index) for index in indices)
