"""What is wrong with a composed configuration, found before anything trains or is written.

In order: the types of the fixed parts, each choice's knobs against its constructor, and overrides that
nothing reads. Building the model on the meta device (cost.py) then finds what only the parts know.
"""

import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ablate.config import locate, schema
from ablate.config.errors import hint
from ablate.config.schema import wanted

REFERENCE = re.compile(r"\$\{([\w.]+)\}")


@dataclass(frozen=True)
class Keys:
    """What an experiment says of the keys of its config.

    `fixed` is a dataclass with the types of those that are no config group, `at_least` the smallest value of some.
    `read` are those that a run itself reads; every other key is read when one of these interpolates it. `may_idle`
    are keys inside a group that another choice of some axis may leave unread.
    """

    fixed: type
    at_least: Mapping[str, float]
    read: tuple[str, ...]
    may_idle: tuple[str, ...]


def problems(
    resolved: dict, unresolved: dict, choices: dict[str, str], overrides: list[str], keys: Keys
) -> list[str]:
    """Every problem of one cell, a line each; `overrides` are the keys the user set for it."""
    read = reached(unresolved, keys)
    found = schema.problems(resolved, keys.fixed, keys.at_least)
    for path, node in targets(resolved):
        if any(overlaps(path, key) for key in read):
            found += knobs(path, node, choices)
    return found + idle(unresolved, read, choices, overrides, keys.may_idle)


def targets(node: Any, path: str = "") -> Iterator[tuple[str, dict]]:
    """Each node with a `_target_`, outermost first, with its dotted path; model.net is not entered.

    The parts that model.net refers to stand at the root too, where the user knows them by name.
    """
    if isinstance(node, dict):
        if "_target_" in node:
            yield path, node
        for key, child in node.items():
            if path != "model.net":
                yield from targets(child, f"{path}.{key}".lstrip("."))


def knobs(path: str, node: dict, choices: dict[str, str]) -> list[str]:
    """Keys of a node that its constructor does not take, or takes as another type."""
    group = path.split(".")[0]
    where = f"{group}={choices[group]}" if group in choices else path
    try:
        target = locate.target(node["_target_"])
    except (ImportError, AttributeError, ValueError) as e:
        return [f"{where}: cannot import {node['_target_']} ({e})"]
    takes = inspect.signature(target).parameters
    given = {k: v for k, v in node.items() if not k.startswith("_")}
    if any(p.kind is p.VAR_KEYWORD for p in takes.values()):
        return []
    try:
        kinds = typing.get_type_hints(target.__init__ if inspect.isclass(target) else target)
    except (NameError, TypeError, AttributeError):  # annotations that only a type checker can read
        kinds = {}
    found = []
    for key, value in given.items():
        if key not in takes:
            found.append(f"{where}: {node['_target_']} takes no {key!r}.{hint(key, takes)}")
        elif not isinstance(value, (dict, list)) and (what := wanted(value, kinds.get(key))):
            found.append(f"{path}.{key}={value}: not {what}")
    return found


def idle(
    unresolved: dict, read: set[str], choices: dict[str, str], overrides: list[str], may_idle: tuple[str, ...]
) -> list[str]:
    """Overrides that nothing reads (they would compare a run with itself) and stray keys in YAML files."""
    found = []
    for key in dict.fromkeys(overrides):
        is_whole_config = key in choices and key not in unresolved  # a recipe or study edits other keys
        if not is_whole_config and not any(overlaps(key, r) for r in read):
            who = f"model={choices['model']}" if "model" in choices else "this configuration"
            found.append(f"{key}: nothing reads it; {who} has no part that says ${{{key}}}")
    groups = {key.partition(".")[0] for key in may_idle}
    inside = [f"{group}.{k}" for group in groups for k in unresolved.get(group) or {}]
    own = [k for k in inside if k not in may_idle]
    strays = [k for k in unresolved if k not in choices and not any(overlaps(k, r) for r in read)]
    strays += [k for k in own if k not in read]
    known = [*unresolved, *may_idle]
    return found + [
        f"{k}: nothing reads it.{hint(k, [w for w in known if w != k])}" for k in strays if k not in overrides
    ]


def reached(unresolved: dict, keys: Keys) -> set[str]:
    """Dotted keys that a run reads: what run() reads and all that those interpolate, transitively."""
    read: set[str] = set()
    todo = list(keys.read)
    while todo:
        key = todo.pop()
        if key not in read:
            read.add(key)
            todo += [r for text in strings(select(unresolved, key)) for r in REFERENCE.findall(text)]
    return read


def overlaps(key: str, other: str) -> bool:
    """Whether one dotted key is the other or lies inside it."""
    return key == other or key.startswith(other + ".") or other.startswith(key + ".")


def select(node: Any, key: str) -> Any:
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from strings(child)
