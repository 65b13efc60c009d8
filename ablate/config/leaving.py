"""The end of a command: at once. Python would first free all modules, which takes a second with torch.

A command is begun here too, so that Ctrl-C while its modules are loaded ends it with a line.
"""

import atexit
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from ablate.config import interrupted


def at_once(main: Callable[[], Any]) -> NoReturn:
    """Ends the process with what `main` returns, None for 0, or with what it gives sys.exit.

    `main` imports what takes long: a Ctrl-C in it that it does not catch ends in a line and 128 + SIGINT.
    What `main` has registered with atexit is called, and its threads are waited for, as ever.
    """
    codes: list[int] = []
    atexit.register(end, codes)  # the first to be registered is the last to be called
    try:
        with interrupted.remembered():
            code = main()
    except SystemExit as e:
        code = e.code
    except KeyboardInterrupt:
        print("ablate: stopped", file=sys.stderr)
        code = 128 + signal.SIGINT
    if code is None or isinstance(code, int):  # of anything else Python prints it
        codes.append(code or 0)
    sys.exit(code)


def end(codes: list[int]) -> None:
    """Ends the process with the code in `codes`; without one, as after an error, Python ends it its own way."""
    if not codes:
        return
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # None, a reader that left, closed
            stream.flush()
    os._exit(codes[0] & 0xFF)
