"""The number that a study is about: where a run of any program has it."""

import csv
import json
from pathlib import Path

from ablate.study.program.told import as_number

Numbers = dict[str, float]
ALONE = "value"  # a number that a function returns and nobody names
FILES = (".json", ".csv")
MOST_NAMES = 12  # in a message


class NoMetric(RuntimeError):
    """A run came to its end without the number that its study needs."""


def named(metric: str | None) -> str:
    """The name of a metric: what stands after the file of `metrics.json:test.acc`."""
    if metric is None:
        return ALONE
    file, name = of_file(metric)
    return name if file else metric


def of_file(metric: str) -> tuple[str | None, str]:
    """`metrics.json:test.acc` -> the file and the name in it."""
    file, colon, name = metric.rpartition(":")
    return (file, name) if colon and file.endswith(FILES) else (None, metric)


def measured(value: object, told: Numbers, folder: Path, metric: str | None) -> Numbers:
    """All numbers of a run that has ended, the headline among them under `named(metric)`.

    `value` is what its function returned: a number, a tuple that begins with one, or a dict; `told` came through
    ablate.log. A name that is asked for is looked for in the dict, in what was logged, and in the file that
    `metric` names; a number without a name counts if there is no such name. NoMetric if there is none.
    """
    name = named(metric)
    alone = as_number(value[0] if isinstance(value, tuple | list) and value else value)
    returned = numbers_in(value[0] if isinstance(value, tuple | list) and value else value)
    found = told | returned
    if metric and (file := of_file(metric)[0]):
        return found | {name: from_file(folder, file, name)}
    if name in found:
        return found
    if alone is not None and not returned:
        return found | {name: alone}
    if metric is None and len(returned or told) == 1:
        return found | {name: next(iter((returned or told).values()))}
    what = f"hydra.sweeper.metric={metric}" if metric else "hydra.sweeper.metric"
    raise NoMetric(f"{what}: {wanted(value, found)}")


def also(found: Numbers, folder: Path, metric: str) -> Numbers:
    """The numbers of a run with the one that tuning asks for. NoMetric if there is none of that name."""
    file, name = of_file(metric)
    if file:
        return found | {name: from_file(folder, file, name, "tune_metric")}
    if name not in found:
        raise NoMetric(f"hydra.sweeper.tune_metric={metric}: {wanted(None, found)}")
    return found


def wanted(value: object, found: Numbers) -> str:
    """What there was instead."""
    if found:
        names = sorted(found)
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return f"no such number in this run; there are {', '.join(names[:MOST_NAMES])}{more}"
    kind = "None" if value is None else f"a {type(value).__name__} without a number"
    return (
        f"the function returned {kind} and nothing was logged; return the number, call ablate.log(NAME=...), "
        "or name a file of the run: hydra.sweeper.metric=metrics.json:NAME"
    )


def numbers_in(value: object, path: str = "") -> Numbers:
    """The numbers in a dict of dicts, by their dotted names."""
    if not isinstance(value, dict):
        number = as_number(value) if path else None
        return {} if number is None else {path.removeprefix("."): number}
    return {k: v for key, child in value.items() for k, v in numbers_in(child, f"{path}.{key}").items()}


def from_file(folder: Path, file: str, name: str, option: str = "metric") -> float:
    """A number of the newest file of that name in a run's folder: a key of JSON, or a column's last value."""
    what = f"hydra.sweeper.{option}={file}:{name}"
    found = sorted(folder.glob(file), key=lambda one: one.stat().st_mtime)
    if not found:
        raise NoMetric(f"{what}: the run wrote no {file} in {folder}")
    try:
        numbers = in_csv(found[-1]) if file.endswith(".csv") else in_json(found[-1])
    except (OSError, ValueError, csv.Error) as e:
        raise NoMetric(f"{what}: {found[-1]} cannot be read ({e})") from e
    if name not in numbers:
        raise NoMetric(f"{what}: {wanted(None, numbers) if numbers else 'it is empty'}")
    return numbers[name]


def in_json(file: Path) -> Numbers:
    return numbers_in(json.loads(file.read_text(encoding="utf-8")))


def in_csv(file: Path) -> Numbers:
    """The last number of each column; a cell may be empty, as where several loggers write rows in turn."""
    found: Numbers = {}
    with open(file, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found |= {k: n for k, v in row.items() if k and v and (n := as_number(v)) is not None}
    return found
