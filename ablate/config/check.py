"""What is wrong with a composed configuration, found before anything trains or is written.

In order: numbers, the types of the fixed parts, each choice's keys against its constructor, and overrides that
nothing reads. The experiment then builds the parts and finds what only they know.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ablate.config import parts, schema
from ablate.config.errors import hint

REFERENCE = re.compile(r"\$\{([\w.]+)\}")


@dataclass(frozen=True)
class Keys:
    """What an experiment says of the keys of its config.

    `fixed` is a dataclass with the types of those that are no config group. `at_least` and `below` bound some
    numbers, in groups too. `read` are those that a run itself reads; every other key is read when one of these
    interpolates it. `may_idle` are keys inside a group that another choice of some axis may leave unread.
    `factories` are parts that need `_partial_: true`, `built` those that must not have it.
    """

    fixed: type
    at_least: Mapping[str, float]
    read: tuple[str, ...]
    may_idle: tuple[str, ...]
    below: Mapping[str, float] = field(default_factory=dict)
    factories: tuple[str, ...] = ()
    built: tuple[str, ...] = ()


def problems(
    resolved: dict, unresolved: dict, choices: dict[str, str], overrides: list[str], keys: Keys
) -> list[str]:
    """Every problem of one cell, a line each; `overrides` are the keys the user set for it."""
    read = reached(unresolved, keys)
    if gone := [key for key in keys.read if key not in stated(keys.fixed) and select(resolved, key) is None]:
        return [f"{key}: a run reads it; it cannot be left out or be null" for key in gone]
    found = schema.problems(resolved, keys.fixed, {}) + ranges(resolved, keys)
    for path, node in targets(resolved):
        if any(overlaps(path, key) for key in read):
            group = path.split(".")[0]
            where = f"{group}={choices[group]}" if group in choices else path
            is_factory = True if path in keys.factories else False if path in keys.built else None
            found += parts.problems(path, node, where, is_factory)
    return found + idle(unresolved, read, choices, overrides, keys.may_idle)


def stated(fixed: type) -> set[str]:
    """The keys that have a type."""
    return {field.name for field in fields(fixed)}


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


def ranges(resolved: dict, keys: Keys) -> list[str]:
    """Numbers, in whatever group, that are too small or too large."""
    found = []
    for key in dict.fromkeys([*keys.at_least, *keys.below]):
        value = select(resolved, key)
        if isinstance(value, (int, float)):  # a value of another type has its own line
            found += schema.outside(key, value, keys.at_least, keys.below)
    return found


def not_finite(resolved: Any, unresolved: Any, path: str = "") -> list[str]:
    """Numbers that are inf or nan, each where it is stated and not where it is referred to."""
    if isinstance(unresolved, str) and REFERENCE.fullmatch(unresolved):
        return []
    if isinstance(resolved, dict):
        sources = unresolved if isinstance(unresolved, dict) else {}
        children = ((key, value, sources.get(key)) for key, value in resolved.items())
        return [line for key, x, y in children for line in not_finite(x, y, f"{path}.{key}".lstrip("."))]
    numbers = resolved if isinstance(resolved, list) else [resolved]
    bad = any(isinstance(number, float) and not math.isfinite(number) for number in numbers)
    return [f"{path}={resolved}: not a finite number"] if bad else []


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
