"""hydra/launcher=processes: runs in processes of their own, so that none can end the study or another run.

A worker trains one run after the other; if it dies, another takes its place for the runs that are left. Workers
are forked from a server that has done the heavy imports: the second does not pay for them again. Hydra imports
this module at each start: nothing heavy at its top.
"""

import importlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, run_job
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from ablate.config.errors import UserError
from ablate.config.hydra_versions import store
from ablate.config.output import forgiving

if TYPE_CHECKING:
    from ablate.study.launch.cores import Seats

LOOK_S = 5  # until the next look whether another study has left a core
END_S = 5  # for an idle worker to go by itself
CONTEXT: Any = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)


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

    def environ(self) -> dict[str, str]:
        """Of a worker: this process's own, where the server may have been started in another."""
        words = {"ABLATE_PARENT": str(os.getpid())}  # and not the server
        if self.workers > 1:
            words["TTY_COMPATIBLE"] = "0"  # several live lines would mix
        return {**os.environ, **words}

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        jobs = deque(enumerate(map(list, job_overrides), initial_job_idx))
        told = (self.hydra_context, dotted(self.task), self.config, self.environ())
        workers: list[Worker] = []
        try:
            while jobs or any(worker.busy for worker in workers):
                for dead in [worker for worker in workers if not worker.process.is_alive()]:
                    dead.end()
                    workers.remove(dead)
                wanted = min(self.workers, len(jobs) + sum(worker.busy for worker in workers))
                while len(workers) < wanted and (free := self.room(workers)):
                    workers.append(Worker(told, free))
                for worker in workers:
                    if jobs and not worker.busy:
                        worker.give(jobs)
                news = [w.pipe for w in workers] + [w.process.sentinel for w in workers]
                wait(news, LOOK_S if len(workers) < wanted else None)
                for worker in workers:
                    worker.hear()
        finally:
            for worker in workers:
                worker.end()
        return []


class Worker:
    """A process that trains the runs it is given, one at a time."""

    def __init__(self, told: tuple[Any, ...], seats: "Seats") -> None:
        self.seats = seats
        self.pipe, theirs = CONTEXT.Pipe()
        self.process: BaseProcess = CONTEXT.Process(target=work, args=(theirs, *told), daemon=False)
        self.process.start()
        theirs.close()
        self.busy = False

    def give(self, jobs: deque[tuple[int, list[str]]]) -> None:
        job = jobs.popleft()
        try:
            self.pipe.send(job)
            self.busy = True
        except OSError:  # its process has just died
            jobs.appendleft(job)

    def hear(self) -> None:
        """Notes that a run has ended: it has said so, or its process is gone."""
        try:
            while self.pipe.poll():
                self.pipe.recv()
                self.busy = False
        except (EOFError, OSError):
            self.process.join(END_S)
        if not self.process.is_alive():
            self.busy = False

    def end(self) -> None:
        self.pipe.close()
        self.seats.leave()
        self.process.join(END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def dotted(task: TaskFunction) -> str:
    """`module:name` of a task function, by which another process imports it."""
    return f"{task.__module__}:{task.__qualname__}"


@forgiving()
def work(pipe: Connection, context: HydraContext, task: str, config: DictConfig, environ: dict[str, str]) -> None:
    """What a worker does: one run after the other, until there are no more."""
    threading.Thread(target=follow_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(environ)
    module, _, name = task.partition(":")
    function = attrgetter(name)(importlib.import_module(module))  # called with a config, it runs the task
    Plugins.instance()  # what Hydra's own start would have registered
    try:
        while True:
            index, overrides = pipe.recv()
            one_run(context, function, config, overrides, index)
            pipe.send(index)
    except (EOFError, OSError):
        pass
    except KeyboardInterrupt as e:
        os._exit(
            128 + getattr(e, "number", signal.SIGINT)
        )  # the run is saved and closed; the parent prints the line for all


def one_run(
    context: HydraContext, task: TaskFunction, config: DictConfig, overrides: list[str], index: int
) -> JobReturn:
    """One job, as Hydra's own launchers run it. What it raises stays in the JobReturn: its record tells."""
    composed = context.config_loader.load_sweep_config(config, overrides)
    with open_dict(composed):
        composed.hydra.job.id, composed.hydra.job.num = str(index), index
    return run_job(
        hydra_context=context,
        task_function=task,
        config=composed,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )


def follow_parent() -> None:
    """Asks this process to stop when its parent has gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
