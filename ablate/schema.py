"""Types of the fixed parts of the config; the knobs of a choice are typed by its constructor (check.py)."""

import difflib
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin


class UserError(Exception):
    """The user's input is wrong: one line for each problem, saying what would work. Exit 2."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Image:
    size: int | None
    fit: Literal["pad", "resize"]


@dataclass(frozen=True)
class Sweep:
    fresh: bool
    retry_failed: bool
    fail_fast: bool
    crash_retries: int
    design: Literal["full", "one_at_a_time", "fraction"]
    zip: list | None
    seeds: int | Literal["auto"] | None
    seeds_min: int
    seeds_max: int
    seeds_step: int
    tune: dict | str | None
    tune_seeds: int
    budget: Literal["epochs", "flops", "seconds"]
    run: str | None


@dataclass(frozen=True)
class Fixed:
    """The keys at the root of conf/config.yaml that are no config group."""

    seed: int
    epochs: int
    batch: int
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["auto", "fp32", "bf16"]
    label_smoothing: float
    clip: float
    name: str | None
    image: Image
    sweep: Sweep


AT_LEAST = {"epochs": 1, "batch": 1, "label_smoothing": 0, "clip": 0, "seed": 0}
AT_LEAST |= {"sweep.crash_retries": 0, "sweep.tune_seeds": 1}


def hint(word: object, words: Iterable[object]) -> str:
    """' Did you mean ...? There are: ...' for a word that is none of the known ones."""
    known = sorted(map(str, words), key=natural)
    close = difflib.get_close_matches(str(word), known, 1, 0.6)
    maybe = f" Did you mean {close[0]}?" if close else ""
    return f"{maybe} There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if known else maybe


def natural(text: str) -> tuple[int, int, str]:
    """Sort key that puts 4 before 14 and numbers before words."""
    return (0, int(text), text) if text.isdecimal() else (1, 0, text)


def wanted(value: object, kind: Any) -> str | None:
    """What a value should have been, or None when it is of the kind. Kinds beyond plain ones accept all."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        kinds = get_args(kind)
        misses = [wanted(value, k) for k in kinds]
        return None if None in misses else " or ".join(str(m) for m in misses)
    if get_origin(kind) is Literal:
        words = get_args(kind)
        return None if value in words else f"one of {', '.join(words)}"
    if kind in (None, type(None)):
        return None if value is None else "null"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    plain: dict[Any, tuple[bool, str]] = {
        int: (is_number and isinstance(value, int), "an integer"),
        float: (is_number, "a number"),
        bool: (isinstance(value, bool), "true or false"),
        str: (isinstance(value, str), "a word"),
    }
    fits, name = plain.get(kind, (True, ""))
    return None if fits else name


def problems(config: dict, shape: Any = Fixed, prefix: str = "") -> list[str]:
    """What is wrong with the fixed parts of a resolved config, a line each."""
    found: list[str] = []
    kinds = typing.get_type_hints(shape)
    for key in (f.name for f in fields(shape)):
        name, kind = prefix + key, kinds[key]
        if key not in config:
            found.append(f"{name}: missing; conf/config.yaml states it")
            continue
        value = config[key]
        if is_dataclass(kind):
            unknown = [k for k in value if k not in typing.get_type_hints(kind)]
            found += [f"{name}.{k}: no such key.{hint(k, typing.get_type_hints(kind))}" for k in unknown]
            found += problems(value, kind, f"{name}.")
        elif what := wanted(value, kind):
            found.append(f"{name}={value}: not {what}")
        elif name in AT_LEAST and value < AT_LEAST[name]:
            found.append(f"{name}={value}: too small; {AT_LEAST[name]} or more works")
    return found
