"""hydra/launcher=processes: runs in processes of their own, so that none can end the study or another run.

A worker trains one run after the other; if it dies, another takes its place for the runs that are left. Workers
are forked from a server that has done the heavy imports: the second does not pay for them again. Hydra imports
this module at each start: nothing heavy at its top.
"""

import os
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.config.hydra_versions import store
from ablate.study.launch.worker import CONTEXT, Worker

if TYPE_CHECKING:
    from ablate.study.launch.board import Board
    from ablate.study.launch.cores import Seats

LOOK_S = 5  # until the next look whether another study has left a core


@dataclass
class ProcessesConf:
    _target_: str = "hydra_plugins.ablate_launcher.processes.ProcessesLauncher"
    workers: Any = "auto"  # runs at once; auto: what suits the size of a step and this machine


store("hydra/launcher", "processes", ProcessesConf)


class ProcessesLauncher(Launcher):
    """`workers` runs at once. What became of them is in their records; nothing is returned."""

    def __init__(self, workers: int | str) -> None:
        if workers != "auto" and (not isinstance(workers, int) or workers < 1):
            raise UserError(
                f"hydra.launcher.workers={workers}: not how many runs at once; auto or 1 or more works"
            )
        self.is_automatic = not isinstance(workers, int)
        self.workers = 1 if isinstance(workers, str) else workers
        self.threads = 1  # of each; the study sets both once it knows its runs

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task, self.config = hydra_context, task_function, config

    def warm(self, modules: Sequence[str]) -> None:
        """Starts the server, which imports these modules while the study is still planned."""
        if CONTEXT.get_start_method() == "forkserver":
            CONTEXT.set_forkserver_preload(list(modules))
            forkserver.ensure_running()

    def room(self, workers: list["Worker"]) -> "Seats | None":
        """Cores for one more worker. The first never waits, nor do those whose number the user has set."""
        from ablate.study.launch.cores import Seats, take

        if not self.is_automatic:
            return Seats([])
        return take(self.threads) or (None if workers else Seats([]))

    def environ(self, at_once: int, is_drawn: bool) -> dict[str, str]:
        """Of a worker: this process's own, where the server may have been started in another."""
        words = {"ABLATE_PARENT": str(os.getpid())}  # and not the server
        if at_once > 1:
            words["TTY_COMPATIBLE"] = "0"  # several live lines would mix
        if is_drawn:
            words["ABLATE_BOARD"] = "1"
        return {**os.environ, **words}

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        board = self.board(len(job_overrides))
        with board or nullcontext():
            self.work_off(deque(enumerate(map(list, job_overrides), initial_job_idx)), board)
        return []

    def board(self, jobs: int) -> "Board | None":
        """The table of several workers, at a terminal."""
        from ablate.console import console
        from ablate.study.launch.board import Board

        shown = console()
        return Board(shown) if min(self.workers, jobs) > 1 and shown.is_terminal and os.name == "posix" else None

    def work_off(self, jobs: deque[tuple[int, list[str]]], board: "Board | None") -> None:
        told = (
            self.hydra_context,
            dotted(self.task),
            self.config,
            self.environ(min(self.workers, len(jobs)), board is not None),
        )
        workers: list[Worker] = []
        try:
            while jobs or any(worker.busy for worker in workers):
                for dead in [worker for worker in workers if not worker.process.is_alive()]:
                    dead.end()
                    workers.remove(dead)
                wanted = min(self.workers, len(jobs) + sum(worker.busy for worker in workers))
                while len(workers) < wanted and (free := self.room(workers)):
                    workers.append(Worker(told, free, board))
                for worker in workers:
                    if jobs and not worker.busy:
                        worker.give(jobs)
                news = [place for worker in workers for place in worker.places()]
                wait(news, LOOK_S if len(workers) < wanted else None)
                for worker in workers:
                    worker.hear()
        finally:
            for worker in workers:
                worker.end()


def dotted(task: TaskFunction) -> str:
    """`module:name` of a task function, by which another process imports it."""
    return f"{task.__module__}:{task.__qualname__}"
