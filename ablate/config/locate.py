"""Classes and functions by their dotted paths."""

import importlib
from collections.abc import Callable
from typing import Any

from ablate.config.errors import UserError


def target(path: str) -> Callable[..., Any]:
    """The class, function or method that a `_target_` names. Raises what its module raises, or AttributeError."""
    names = path.split(".")
    for n in range(len(names) - 1, 0, -1):
        module = ".".join(names[:n])
        try:
            found: Any = importlib.import_module(module)
        except ModuleNotFoundError as e:
            if n > 1 and e.name == module:  # a class with a method, perhaps
                continue
            raise
        for name in names[n:]:
            found = getattr(found, name)
        return found  # type: ignore[no-any-return]
    raise ValueError(f"{path!r} is no dotted path")


def locate(path: str, *, key: str) -> Callable[..., Any]:
    """The same for the value of a key. Raises UserError, which names the key."""
    try:
        return target(path)
    except (ImportError, AttributeError, ValueError) as e:
        raise UserError(f"{key}={path}: cannot be imported ({e})") from e
