"""What a part of the user's own raised, in one line, and which part it was."""

import traceback
from typing import Any

from hydra.errors import HydraException

from ablate.config.check import targets


def own(error: BaseException) -> BaseException:
    """The error as the part raised it: Hydra wraps it, once for each node that it was inside of."""
    while isinstance(error, HydraException) and error.__cause__ is not None:
        error = error.__cause__
    return error


def line(error: BaseException) -> str:
    """A ValueError is worded for the user; of any other its kind is said too."""
    text = next(iter(str(error).strip().splitlines()), "")
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}".removesuffix(": ")


def part(error: BaseException, config: dict[str, Any]) -> str | None:
    """Key of the part in whose code it was raised, such as `pos`; of several the innermost, None for none."""
    keys = {node["_target_"]: path.partition(".")[0] for path, node in targets(config)}
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None  # self, or cls
        kind = first if isinstance(first, type) else type(first)
        module = frame.f_globals.get("__name__")
        for name in (f"{module}.{code.co_name}", f"{kind.__module__}.{kind.__qualname__}"):
            found = keys.get(name, found)
    return found
