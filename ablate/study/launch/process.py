"""A process of hydra/launcher=processes, as the one that started it sees it."""

import multiprocessing
import signal
import tempfile
from collections import deque
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

import cloudpickle
from hydra.core.utils import JobReturn

from ablate.study.launch import handed
from ablate.study.launch.cores import Seats
from ablate.study.launch.worker import work

if TYPE_CHECKING:
    from ablate.study.launch.board import Board

Job = tuple[int, list[str]]  # its number, its overrides
END_S = 5  # for an idle worker to go by itself
CLOSE_S = 60  # for a program to close what it has opened, once its run has ended
# The server of forkserver listens at a socket below the temporary folder; systems take about 100 letters for it.
LONGEST = 60
CONTEXT: Any = multiprocessing.get_context(
    "forkserver"
    if "forkserver" in multiprocessing.get_all_start_methods() and len(tempfile.gettempdir()) <= LONGEST
    else "spawn"
)


def hear_of_ends() -> None:
    """Before the server of forkserver starts: it inherits which signals are blocked, and waits for SIGCHLD.

    Whoever has started this program may have blocked it. Then no process of the server would ever be seen to end.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


class Worker:
    """A process that runs the jobs it is given, one at a time; with `once` only one."""

    def __init__(
        self, told: tuple[bytes, dict[str, str]], seats: Seats, board: "Board | None", *, once: bool
    ) -> None:
        self.seats, self.board, self.once = seats, board, once
        self.pipe, theirs = CONTEXT.Pipe()
        self.printed: Connection | None = None
        printing: Connection | None = None
        if board:
            self.printed, printing = CONTEXT.Pipe(duplex=False)
        args = (theirs, printing, *told, once)
        self.process: BaseProcess = CONTEXT.Process(target=work, args=args, daemon=False)
        hear_of_ends()
        with handed.apart():
            self.process.start()
        theirs.close()
        if printing:
            printing.close()
        self.busy = self.is_spent = False

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

    def give(self, jobs: deque[Job]) -> None:
        job = jobs.popleft()
        try:
            self.pipe.send(job)
            self.busy = True
        except OSError:  # its process has just died
            jobs.appendleft(job)

    def hear(self, ended: dict[int, JobReturn]) -> None:
        """Notes that a job has ended: its process has said so, or is gone."""
        try:
            while self.pipe.poll():
                number, what = self.pipe.recv()
                ended[number] = cloudpickle.loads(what)
                self.busy, self.is_spent = False, self.once
        except (EOFError, OSError):  # it has ended, or is about to, and will say no more
            self.process.join(END_S)
            self.busy, self.is_spent = False, True
        if not self.process.is_alive():
            self.busy = False
        self.show()

    def end(self) -> None:
        self.pipe.close()
        self.seats.leave()
        self.process.join(CLOSE_S if self.is_spent else END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(END_S)  # the server may never say that it has ended; then nobody waits for it
        self.busy = False
        self.show()
