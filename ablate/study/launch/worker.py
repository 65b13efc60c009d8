"""A process of hydra/launcher=processes: it trains the runs that it is given, one after the other."""

import importlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, run_job
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from ablate.config.output import forgiving

if TYPE_CHECKING:
    from ablate.study.launch.board import Board
    from ablate.study.launch.cores import Seats

END_S = 5  # for an idle worker to go by itself
# The server of forkserver listens at a socket below the temporary folder; systems take about 100 letters for it.
LONGEST = 60
CONTEXT: Any = multiprocessing.get_context(
    "forkserver"
    if "forkserver" in multiprocessing.get_all_start_methods() and len(tempfile.gettempdir()) <= LONGEST
    else "spawn"
)


class Worker:
    """A process that trains the runs it is given, one at a time."""

    def __init__(self, told: tuple[Any, ...], seats: "Seats", board: "Board | None") -> None:
        self.seats, self.board = seats, board
        self.pipe, theirs = CONTEXT.Pipe()
        self.printed: Connection | None = None
        printing: Connection | None = None
        if board:
            self.printed, printing = CONTEXT.Pipe(duplex=False)
        args = (theirs, printing, *told)
        self.process: BaseProcess = CONTEXT.Process(target=work, args=args, daemon=False)
        self.process.start()
        theirs.close()
        if printing:
            printing.close()
        self.busy = False

    def places(self) -> list[Any]:
        """Where there may be news of it."""
        return [self.pipe, self.process.sentinel, *([self.printed] if self.printed else [])]

    def show(self) -> None:
        """Draws what it has printed, and no row while it has no run."""
        if self.board and self.printed and not self.board.hear(self, self.printed.fileno()):
            self.printed.close()
            self.printed = None
        if self.board and not self.busy:
            self.board.clear(self)

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
        self.show()

    def end(self) -> None:
        self.pipe.close()
        self.seats.leave()
        self.process.join(END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.busy = False
        self.show()


@forgiving()
def work(
    pipe: Connection,
    printing: Connection | None,
    context: HydraContext,
    task: str,
    config: DictConfig,
    environ: dict[str, str],
) -> None:
    """What a worker does: one run after the other, until there are no more."""
    if printing:
        from ablate.study.launch.board import divert  # rich: only at a terminal

        divert(printing.fileno())
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
