"""How many runs this machine trains at once, and which of its GPUs each of them takes."""

import os
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from omegaconf import OmegaConf

if TYPE_CHECKING:
    import torch


def gpus(device: str) -> int:
    """GPUs of this machine that a run with this `device=` may use."""
    import torch

    return torch.cuda.device_count() if device in ("auto", "cuda") else 0


def workers(device: str) -> int:
    """Runs at once on this machine: one a GPU or, without one, one a core."""
    return gpus(device) or cores()


def cores() -> int:
    """Cores that this process may use; joblib also knows the quota of a container."""
    try:
        from joblib import cpu_count
    except ImportError:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(cpu_count())


def register() -> None:
    """The words that conf/hydra/launcher/ counts with: `${ablate.workers:${device}}` and so on."""
    OmegaConf.register_new_resolver("ablate.workers", workers, replace=True)
    OmegaConf.register_new_resolver("ablate.gpus", gpus, replace=True)
    OmegaConf.register_new_resolver("ablate.one_gpu", lambda device: min(1, gpus(device)), replace=True)


@cache
def own(device: "torch.device") -> "torch.device":
    """The GPU that this process keeps for itself until it ends; any other device as it came.

    Slurm and ray show a run its own GPU only, and there is nothing to choose. Else the processes share
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

    A seat is a lock on a file; the system drops it with the process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for row in count():  # row 1: a second process for each
        for index, name in enumerate(names):
            lock = FileLock(folder / f"{name}.{row}")
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            return index, lock
    raise AssertionError
