"""Keys of a part against the class or function that its `_target_` names: names, types, and `_partial_`."""

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

from ablate.config import locate
from ablate.config.errors import hint
from ablate.config.schema import wanted

Takes = dict[str, inspect.Parameter]


def problems(path: str, node: dict[str, Any], where: str, is_factory: bool | None) -> list[str]:
    """What is wrong with the node at `path`, a line each; `where` names it for the user.

    A factory is finished by the model, which knows the rest of what it takes; any other part must stand as soon as
    its file is read. `is_factory` is None for a part of which neither is known.
    """
    name = node["_target_"]
    try:
        target = locate.target(name)
    except locate.NOT_THERE as e:
        return [f"{where}: cannot import {name} ({locate.why(e)})"]
    try:
        takes = dict(inspect.signature(target).parameters)
    except (TypeError, ValueError):  # some that are written in C have no signature
        return []
    given = {key: value for key, value in node.items() if not key.startswith("_")}
    found = wrong_keys(path, given, where, name, takes, kinds(target, takes))
    missing = [] if "_args_" in node else missing_of(takes, given)
    if not found and (line := wrong_partial(target, missing, bool(node.get("_partial_")), is_factory)):
        found.append(f"{where}: {line.format(name=name, missing=', '.join(missing))}")
    return found


def wrong_keys(
    path: str, given: dict[str, Any], where: str, name: str, takes: Takes, known: dict[str, Any]
) -> list[str]:
    """Keys that the target does not take, or takes as another type."""
    takes_any = any(p.kind is p.VAR_KEYWORD for p in takes.values())
    found = []
    for key, value in given.items():
        if key not in takes:
            found += [] if takes_any else [f"{where}: {name} takes no {key!r}.{hint(key, takes)}"]
            continue
        is_fine = key not in known or isinstance(value, (dict, list)) or value == takes[key].default
        if not is_fine and (what := wanted(value, known[key])):
            found.append(f"{path}.{key}={value}: not {what}")
    return found


def missing_of(takes: Takes, given: dict[str, Any]) -> list[str]:
    """What the target needs beyond its keys."""
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [n for n, p in takes.items() if p.default is p.empty and p.kind not in optional and n not in given]


def wrong_partial(target: Any, missing: list[str], is_partial: bool, is_factory: bool | None) -> str | None:
    """Why `_partial_` is forgotten or needless; a function may be a part itself, or make one."""
    is_class = inspect.isclass(target)
    if is_factory and not is_partial and (missing or is_class):
        rest = "; the model gives {name} the rest ({missing})" if missing else "; the model builds this part"
        return "its file needs the line `_partial_: true`" + rest
    if is_factory is False and is_partial and (is_class or not missing):
        return "take `_partial_: true` out of its file; {name} is built from its file alone"
    if not is_factory and not is_partial and missing:
        later = "" if is_class else ", or `_partial_: true` there if it is given them when it is called"
        return "{name} needs {missing} in its file too" + later
    return None


def kinds(target: Callable[..., Any], takes: Takes) -> dict[str, Any]:
    """Types of the parameters, less those without a hint or with one that only a type checker can read."""
    names = names_around(target)
    found: dict[str, Any] = {}
    for name, parameter in takes.items():
        if parameter.annotation is parameter.empty:
            continue
        alone = types.SimpleNamespace(__annotations__={name: parameter.annotation})
        try:
            found |= typing.get_type_hints(alone, globalns=names)
        except Exception:  # a hint is any expression
            continue
    return found


def names_around(target: Any) -> dict[str, Any]:
    """The names that the hints of a class, a function or a partial of one may use."""
    while isinstance(target, functools.partial):
        target = target.func
    made = target.__init__ if inspect.isclass(target) else target
    if not inspect.isroutine(made):
        made = type(made).__call__
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    return getattr(inspect.unwrap(made), "__globals__", None) or vars(module or types)
