"""Classes and functions by their dotted paths."""

import importlib
from collections.abc import Callable
from typing import Any

from ablate.config.errors import UserError

NOT_THERE = (Exception, SystemExit)  # a module of the user's own may do anything when it is imported


def why(error: BaseException) -> str:
    """The reason in one line; beyond a name that is not there, with its kind and where in the file it is."""
    text = " ".join(str(error).split())
    return text if isinstance(error, (ImportError, AttributeError)) else f"{type(error).__name__}: {text}"


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
    except NOT_THERE as e:
        raise UserError(f"{key}={path}: cannot be imported ({why(e)})") from e
