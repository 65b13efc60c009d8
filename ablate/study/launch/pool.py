"""Processes that run jobs, one after the other; if one dies, another takes its place for the jobs that are left.

They are forked from a server that has done the heavy imports: the second does not pay for them again.
"""

import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hydra.core.utils import JobReturn, JobStatus
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from ablate.study.launch import handed
from ablate.study.launch.cores import Seats, take
from ablate.study.launch.process import CONTEXT, Job, Worker, hear_of_ends

if TYPE_CHECKING:
    from ablate.study.launch.board import Board

FOLLOWING, WARMED = "ablate.study.launch.following", "ablate.study.launch.warmed"  # first and last to be imported
FILE, COMMAND = "ABLATE_WARM", "ABLATE_COMMAND"  # where they look for the program's file, and for its process
LOOK_S = 5  # until the next look whether another study has left a core


class Asked(Protocol):
    """hydra_plugins/ablate_launcher/processes.py, as it is asked for."""

    task: TaskFunction
    hydra_context: HydraContext
    config: DictConfig
    is_automatic: bool
    workers: int
    threads: int
    is_fresh: bool


def warm(modules: Sequence[str]) -> None:
    """Starts the server, which imports these modules, and what the program imports, in the meantime."""
    if CONTEXT.get_start_method() != "forkserver":
        return
    main = getattr(sys.modules.get(handed.MAIN), "__file__", None)
    hear_of_ends()
    with handed.apart():
        CONTEXT.set_forkserver_preload([FOLLOWING, *modules, WARMED])
        os.environ[COMMAND] = str(os.getpid())
        if main:
            os.environ[FILE] = str(Path(main).absolute())
        try:
            resource_tracker.ensure_running()  # it hears no Ctrl-C either, but lets whoever starts it hear again
            with deaf():
                forkserver.ensure_running()
        finally:
            del os.environ[COMMAND]
            os.environ.pop(FILE, None)


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that are started inside do not hear Ctrl-C: the server would die of it, with a traceback.

    Its forks hear it again (worker.py).
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def environ(at_once: int, *, is_drawn: bool) -> dict[str, str]:
    """Of a worker: this process's own, where the server may have been started in another."""
    words = {"ABLATE_PARENT": str(os.getpid())}  # and not the server
    if at_once > 1:
        words["TTY_COMPATIBLE"] = "0"  # several live lines would mix
    if is_drawn:
        words["ABLATE_BOARD"] = "1"
    return {**os.environ, **words}


def board_of(at_once: int) -> "Board | None":
    """The table of several workers, at a terminal."""
    from ablate.console import console
    from ablate.study.launch.board import Board

    shown = console()
    return Board(shown) if at_once > 1 and shown.is_terminal and os.name == "posix" else None


def launch(launcher: Asked, overrides: Sequence[Sequence[str]], first: int) -> list[JobReturn]:
    """Runs every job -> what became of each, in their order."""
    board = board_of(min(launcher.workers, len(overrides)))
    with board or nullcontext():
        ended = work_off(launcher, deque(enumerate(map(list, overrides), first)), board)
    return [ended.get(number) or died() for number in range(first, first + len(overrides))]


def work_off(launcher: Asked, jobs: deque[Job], board: "Board | None") -> dict[int, JobReturn]:
    """What became of each job that came to an end, by its number."""
    environment = environ(min(launcher.workers, len(jobs)), is_drawn=board is not None)
    told = (handed.packed(launcher.task, launcher.hydra_context, launcher.config), environment)
    ended: dict[int, JobReturn] = {}
    workers: list[Worker] = []
    try:
        while jobs or any(worker.busy for worker in workers):
            for gone in [worker for worker in workers if worker.is_spent or not worker.process.is_alive()]:
                gone.end()
                workers.remove(gone)
            wanted = min(launcher.workers, len(jobs) + sum(worker.busy for worker in workers))
            while len(workers) < wanted and (free := room(launcher, workers)):
                with deaf():  # Ctrl-C in the middle would hand a worker half of its task
                    workers.append(Worker(told, free, board, once=launcher.is_fresh))
            for worker in workers:
                if jobs and not worker.busy and not worker.is_spent:
                    worker.give(jobs)
            news = [place for worker in workers for place in worker.places()]
            wait(news, LOOK_S if len(workers) < wanted else None)
            for worker in workers:
                worker.hear(ended)
    finally:
        for worker in workers:
            worker.end()
    return ended


def room(launcher: Asked, workers: list[Worker]) -> Seats | None:
    """Cores for one more worker. The first never waits, nor do those whose number the user has set."""
    if not launcher.is_automatic:
        return Seats([])
    return take(launcher.threads) or (None if workers else Seats([]))


def first_error(jobs: Sequence[JobReturn]) -> Exception | None:
    """What the first failed job raised."""
    raised = (job._return_value for job in jobs if job.status == JobStatus.FAILED)
    return next((error for error in raised if isinstance(error, Exception)), None)


def died() -> JobReturn:
    lost = JobReturn()
    lost.status, lost.return_value = JobStatus.FAILED, RuntimeError("its process died")
    return lost
