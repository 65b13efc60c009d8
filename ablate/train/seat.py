"""The GPU that a process takes for itself."""

import os
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ablate.records.lock import lock_for

if TYPE_CHECKING:
    import torch


@cache
def own(device: "torch.device") -> "torch.device":
    """The GPU that this process keeps for itself until it ends; any other device as it came.

    Slurm and ray show each run only its own GPU, so there is nothing to choose. Otherwise the processes share
    the GPUs out among themselves, whichever launcher, or however many commands, they are of.
    """
    import torch

    if device.type != "cuda" or torch.cuda.device_count() == 1:
        return device
    names = [str(torch.cuda.get_device_properties(i).uuid) for i in range(torch.cuda.device_count())]
    index, lock = seat(names, Path(tempfile.gettempdir()) / f"ablate-gpus-{os.getuid()}")
    _kept.append(lock)
    chosen = torch.device("cuda", index)
    torch.cuda.set_device(chosen)
    return chosen


_kept: list[FileLock] = []  # a lock that nobody refers to would be let go


def seat(names: list[str], folder: Path) -> tuple[int, FileLock]:
    """Takes the first of the seats that has the fewest processes -> (its index, the lock to keep).

    A seat is a lock on a file; the system drops it with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for row in count():  # row 1: a second process for each
        for index, name in enumerate(names):
            lock = lock_for(folder / f"{name}.{row}")
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            return index, lock
    raise AssertionError
