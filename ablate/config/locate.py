"""Classes and functions by their dotted paths."""

import importlib
from collections.abc import Callable
from typing import Any

from ablate.config.errors import UserError


def target(path: str) -> Callable[..., Any]:
    """The class or function that a `_target_` names; ImportError or AttributeError with the reason."""
    module, _, name = path.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def locate(path: str, *, key: str) -> Callable[..., Any]:
    """The same for the value of a key. Raises UserError, which names the key."""
    try:
        return target(path)
    except (ImportError, AttributeError, ValueError) as e:
        raise UserError(f"{key}={path}: cannot be imported ({e})") from e
