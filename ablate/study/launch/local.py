"""Jobs of submitit on this machine: as many at once as it has room for, and none left behind at Ctrl-C."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from ablate.study.launch import machine
from ablate.study.launch.hydra_launcher import Batch, HydraLauncher
from ablate.study.launch.share import Share

END_S = 60  # for runs to be saved


def on_this_machine(
    launcher: HydraLauncher, batch: Batch, first: int, share: Share, stop: Callable[[], None]
) -> None:
    """submitit_local would start all jobs at once; here one waits for a GPU or for cores to be free."""
    asked = launcher.params["cpus_per_task"]
    at_once = max(1, machine.cores() // asked) if asked else share.workers
    try:
        each(launcher, batch, first, at_once)
    except KeyboardInterrupt:
        stop()
        terminate(Path(launcher.params["submitit_folder"]).parent.glob("*"))
        raise


def each(launcher: HydraLauncher, batch: Batch, first: int, at_once: int) -> None:
    """A launch for each run, so that none is left alone when another fails."""
    waiting, failures = deque(enumerate(batch, first)), deque[BaseException]()

    def work() -> None:
        with suppress(IndexError):
            while True:
                number, run = waiting.popleft()
                try:
                    launcher.launch([run], number)
                except BaseException as e:
                    failures.append(e)

    threads = [Thread(target=work, daemon=True) for _ in range(min(at_once, len(batch)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        waiting.clear()  # a thread that waits for its job is a daemon: nobody waits for that once Ctrl-C was typed
    if failures:
        raise failures[0]


def terminate(jobs: Iterable[Path]) -> None:
    """Has the processes end that submitit named these folders after, those of them that are our children."""
    children = [int(job.name) for job in jobs if job.name.isdecimal() and is_child(int(job.name))]
    for child in children:
        with suppress(OSError):
            os.kill(child, signal.SIGTERM)
    end = monotonic() + END_S
    while monotonic() < end and any(map(is_child, children)):
        sleep(0.1)


def is_child(pid: int) -> bool:
    """Whether a process is a child of ours, and alive."""
    with suppress(OSError):
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    return False
