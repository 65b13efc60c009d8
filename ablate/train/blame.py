"""Which part of a config an error comes from."""

import traceback
from typing import Any

from ablate.config.check import targets


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
