"""Functions called in a process that has imported already what they need.

To plan a study its models are built, and torch takes seconds to import. The server that forks the runs' processes
does that anyway. So what needs torch is called in a fork of it, and the process of the command goes without.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, NoReturn, ParamSpec, TypeVar

import cloudpickle

from ablate.config.explain import WRONG_INPUT
from ablate.config.output import forgiving

Given = ParamSpec("Given")
Returned = TypeVar("Returned")
END_S = 5  # for a call to clean up behind itself once it is interrupted


class Here:
    """Calls functions in this process; `warm` first, and as soon as there is something to plan."""

    def __init__(self, warm: Callable[[], None] = lambda: None) -> None:
        self.warm = warm

    def __call__(self, function: Callable[Given, Returned], *args: Given.args, **named: Given.kwargs) -> Returned:
        """What the function returns; raises what it raises."""
        self.warm()
        return function(*args, **named)

    def close(self) -> None:
        """Lets go of what the calls have taken; another call may follow."""


class Elsewhere(Here):
    """Calls functions in a fork of the server that `warm` starts.

    A call that cannot be handed over, or during which that process dies, is made in this process instead.
    """

    def __init__(self, warm: Callable[[], None]) -> None:
        super().__init__(warm)
        self.process: Any = None
        self.pipe: Connection | None = None

    def __call__(self, function: Callable[Given, Returned], *args: Given.args, **named: Given.kwargs) -> Returned:
        answer: tuple[Returned, BaseException | None, str]
        try:
            answer = cloudpickle.loads(self.answer(cloudpickle.dumps((function, args, named))))
        except Exception:  # what an object of the user's own raises on its way, or the end of the process
            return function(*args, **named)
        returned, error, trace = answer
        if error is None:
            return returned
        if trace:
            error.__cause__ = Remote(trace)
        raise error

    def answer(self, asked: bytes) -> bytes:
        if self.pipe is None:
            self.pipe = self.start()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # the process may print, after what was printed here
        try:
            self.pipe.send_bytes(asked)
            return self.pipe.recv_bytes()
        except BaseException:  # Ctrl-C: the call is to clean up behind itself
            self.close()
            raise

    def start(self) -> Connection:
        from ablate.study.launch import handed
        from ablate.study.launch.process import CONTEXT, hear_of_ends

        self.warm()
        ours, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=serve, args=(theirs, dict(os.environ)), daemon=True)
        hear_of_ends()
        with handed.apart():
            self.process.start()
        theirs.close()
        return ours  # type: ignore[no-any-return]

    def close(self) -> None:
        if self.pipe is None:
            return
        self.pipe.close()
        self.process.terminate()
        self.process.join(END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()
        self.pipe = self.process = None


class Remote(Exception):
    """Where in the other process an error came from."""

    def __str__(self) -> str:
        return f"\n\n{self.args[0]}"


@forgiving()
def serve(pipe: Connection, environ: dict[str, str]) -> NoReturn:
    """What the other process does: one call after the other, until the pipe is closed."""
    from ablate.study.launch.worker import as_if_started_anew, follow_parent

    try:
        as_if_started_anew()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and passes it on
        signal.signal(signal.SIGTERM, interrupted)
        threading.Thread(target=follow_parent, daemon=True).start()
        os.environ.clear()
        os.environ.update(environ)
        while True:
            found = outcome(pipe.recv_bytes())
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            pipe.send_bytes(found)
    except BaseException:  # the parent has gone or interrupts; what cannot be read or sent it calls itself
        os._exit(0)


def interrupted(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def outcome(asked: bytes) -> bytes:
    """What a call returns, what it raises, and where that came from unless it is the user's mistake."""
    function, args, named = cloudpickle.loads(asked)
    try:
        return cloudpickle.dumps((function(*args, **named), None, ""))
    except KeyboardInterrupt:
        raise
    except WRONG_INPUT as e:
        return cloudpickle.dumps((None, e, ""))
    except BaseException as e:
        return cloudpickle.dumps((None, e, traceback.format_exc()))
