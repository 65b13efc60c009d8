"""How many runs this machine trains at once, and with how many threads each.

Both follow from the configuration and the machine, never from what else runs: a result may depend on the number of
threads in its last digits, and it must not depend on a neighbour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ablate.study.launch import environment, machine
from ablate.text import count

# FLOPs of a training step that keep one core busy for so long that a second thread gains as much as a second run.
# Below, threads wait for each other more than they work.
FULL = 50e9
# On a GPU a small step is over before the next one's kernels are started, so several runs fill it: three or five
# train 1.4 to 1.7 times as many images as one, 16 no more than five (docs/speed.md). A larger step fills it alone.
PACKED, FULL_GPU = 4, 20e9
QUEUES = ("SlurmLauncher", "RayLauncher")  # launchers whose runs may train on other machines
ONE_BY_ONE = "BasicLauncher"
RUN_BYTES = 1.5e9  # of memory that a run of a small model and its data take, with room to spare


@dataclass(frozen=True)
class Share:
    """Runs at once, and threads of each."""

    workers: int
    threads: int
    is_here: bool = True  # False: the runs go to a queue, which says how many it takes at once

    def __str__(self) -> str:
        at_once = count(self.workers, "run") if self.is_here else "as many runs as the launcher has room for"
        return f"{at_once} at once, {count(self.threads, 'thread')} each"


def share(
    step_flops: float | None, device: str, *, workers: int | None = None, threads: int | None = None
) -> Share:
    """The share of a run whose training step takes `step_flops` (None: not known). What is given rules.

    With GPUs it is a run a GPU, or four where the step is small. Without, a small step gets one thread, and every
    core a run; a larger one gets more threads, and fewer run side by side.
    """
    cores, gpus = machine.cores(), machine.gpus(device)
    if gpus:
        is_small = step_flops is not None and step_flops <= FULL_GPU
        workers = workers or gpus * (min(PACKED, max(1, cores // gpus)) if is_small else 1)
        return Share(workers, threads or max(1, cores // workers))
    threads = threads or fitting(step_flops, cores)
    room = max(1, int(machine.memory() // RUN_BYTES))
    return Share(workers or max(1, min(cores // threads, room)), threads)


def fitting(step_flops: float | None, cores: int) -> int:
    """Threads that a step keeps busy; all of them when its size is not known."""
    if step_flops is None:
        return cores
    return max(1, min(cores, round(step_flops / FULL)))


def share_for(
    launcher: Mapping[str, Any], device: str, sizes: Iterable[float | None], threads_before: int | None
) -> Share:
    """The share of a study whose steps take so many FLOPs; the keys of its launcher and OMP_NUM_THREADS rule."""
    kind = str(launcher.get("_target_"))
    workers = 1 if kind.endswith(ONE_BY_ONE) else launcher.get("workers", launcher.get("n_jobs"))
    found = share(
        max((size for size in sizes if size is not None), default=None),
        device,
        workers=workers if isinstance(workers, int) and workers > 0 else None,
        threads=environment.threads() or launcher.get("cpus_per_task") or threads_before,
    )
    return replace(found, is_here=not kind.endswith(QUEUES))


def line_of(share: Share, threads_before: int | None) -> str:
    """What a study says of its share."""
    if threads_before in (None, share.threads):
        return str(share)
    return f"{share}; the runs before these had {count(int(threads_before), 'thread')}, and last digits may differ"
