"""While the server of processes makes its imports it looks whether its command is still there, and ends with it.

They take seconds, and the server hears of nothing else before they are made. It is there to be imported, by that
server, before anything else.

Python does not look for garbage among what is imported: not meanwhile, which took an eighth of the time, and not
in the forks.
"""

import atexit
import gc
import os
import signal
from types import FrameType

LOOK_S = 0.3


def start() -> None:
    gc.disable()
    parent = int(os.environ.pop("ABLATE_COMMAND", os.getppid()))  # of pool.warm; it may have ended

    def look(number: int, frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.siginterrupt(signal.SIGALRM, False)  # what reads a file goes on reading
    signal.setitimer(signal.ITIMER_REAL, LOOK_S, LOOK_S)


def stop() -> None:
    """All is imported; from now on the server hears when its command ends."""
    gc.freeze()
    gc.enable()
    atexit.register(gc.unfreeze)  # or nanobind, which triton is made with, reports what was never freed
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


start()
