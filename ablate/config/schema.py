"""Types of the fixed parts of the config. The types of a choice's keys are those of its constructor (parts.py)."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin

from ablate.config.errors import hint
from ablate.config.grammar import typed


def wanted(value: object, kind: Any) -> str | None:
    """What a value should have been, or None when it is of the kind. Kinds beyond plain ones accept all."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        kinds = get_args(kind)
        misses = [wanted(value, k) for k in kinds]
        return None if None in misses else " or ".join(str(m) for m in misses)
    if get_origin(kind) is Literal:
        words = get_args(kind)
        return None if value in words else f"one of {', '.join(map(str, words))}"
    if kind in (None, type(None)):
        return None if value is None else "null"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    plain: dict[Any, tuple[bool, str]] = {
        int: (is_number and isinstance(value, int), "an integer"),
        float: (is_number, "a number"),
        bool: (isinstance(value, bool), "true or false"),
        str: (isinstance(value, str), "a word"),
        list: (isinstance(value, list), "a list as in [a,b]"),
        dict: (isinstance(value, dict), "keys and values as in {a: 1}"),
    }
    fits, name = plain[kind] if isinstance(kind, type) and kind in plain else (True, "")
    return None if fits else name


def problems(config: dict, shape: Any, at_least: Mapping[str, float], prefix: str = "") -> list[str]:
    """What is wrong with the fixed parts of a resolved config, a line each."""
    found: list[str] = []
    kinds = typing.get_type_hints(shape)
    for key in (f.name for f in fields(shape)):
        name, kind = prefix + key, kinds[key]
        if key not in config:
            found.append(f"{name}: missing; conf/config.yaml states it")
            continue
        value = config[key]
        if is_dataclass(kind) and not isinstance(value, dict):
            keys = ", ".join(f"{name}.{f.name}" for f in fields(kind))
            found.append(f"{name}={shown(value)}: holds keys of its own, and no value. There are: {keys}.")
        elif is_dataclass(kind):
            unknown = [k for k in value if k not in typing.get_type_hints(kind)]
            found += [f"{name}.{k}: no such key.{hint(k, typing.get_type_hints(kind))}" for k in unknown]
            found += problems(value, kind, at_least, f"{name}.")
        elif what := wanted(value, kind):
            found.append(f"{name}={shown(value)}: not {what}{as_word(name, value, kind)}")
        else:
            found += outside(name, value, at_least, {})
    return found


def outside(name: str, value: object, at_least: Mapping[str, float], below: Mapping[str, float]) -> list[str]:
    """A line for a number that is too small or too large."""
    if not isinstance(value, (int, float)):
        return []
    if name in at_least and value < at_least[name]:
        return [f"{name}={value}: too small; {at_least[name]} or more works"]
    if name in below and value >= below[name]:
        return [f"{name}={value}: too large; less than {below[name]} works"]
    return []


def shown(value: object) -> str:
    """A value as one types it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"[{','.join(map(shown, value))}]" if isinstance(value, list) else str(value)


def as_word(name: str, value: object, kind: Any) -> str:
    """How a value that looks like a number is given as a word, where a word is wanted."""
    words = str in (kind, *get_args(kind)) and value is not None and not isinstance(value, dict)
    return f"; with quotes it is one: {typed(quoted)}" if words and (quoted := f'{name}="{shown(value)}"') else ""
