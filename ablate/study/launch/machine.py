"""How many runs this machine trains at once, and which of its GPUs each of them takes."""

import os
from typing import TYPE_CHECKING

from omegaconf import OmegaConf

if TYPE_CHECKING:
    pass


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
