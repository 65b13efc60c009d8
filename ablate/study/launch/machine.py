"""What this machine has for a study: cores, memory, GPUs."""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from ablate.config.hydra_versions import add_resolver

CGROUP = Path("/sys/fs/cgroup")  # of a container, as it sees itself


def gpus(device: str) -> int:
    """GPUs of this machine that a run with this `device=` may use."""
    if device not in ("auto", "cuda"):
        return 0
    import torch

    return torch.cuda.device_count()


def one_gpu(device: str) -> int:
    """1 where a run with this `device=` would take a GPU, else 0."""
    return min(1, gpus(device))


def workers(device: str) -> int:
    """Runs at once on this machine: one a GPU or, without one, one a core."""
    return gpus(device) or cores()


@cache
def cores() -> int:
    """Cores that this process may use: those it is bound to, within the quota of its container."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = (CGROUP / "cpu.max").read_text(encoding="utf-8").split()
        if quota != "max":
            return max(1, min(bound, round(int(quota) / int(period))))
    return bound


@cache
def memory() -> int:
    """Bytes of memory that this process may use."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 * 2**30
    with suppress(OSError, ValueError):
        return min(whole, int((CGROUP / "memory.max").read_text(encoding="utf-8")))
    return whole


def register() -> None:
    """The words that conf/hydra/launcher/ counts with: `${ablate.workers:${device}}` and so on."""
    add_resolver("ablate.workers", workers)
    add_resolver("ablate.gpus", gpus)
    add_resolver("ablate.one_gpu", one_gpu)
