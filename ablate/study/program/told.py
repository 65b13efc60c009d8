"""`ablate.log`: what a program tells of itself while it runs, from anywhere in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, SupportsFloat

from ablate.records import record

if TYPE_CHECKING:
    import numpy as np

EVERY_S = 10.0  # between two writings of the history,
LEAST_SHARE = 20  # and so many times as long as the last one took, since it is written as a whole
HISTORY = "history.csv"


@dataclass
class Told:
    """What the run in `folder` has logged so far: the latest value of each name, and a row a step."""

    folder: Path
    run: str
    numbers: dict[str, float] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    written: float = 0.0
    pause: float = EVERY_S
    is_theirs: bool = False  # the program keeps a file of this name itself
    goes_on: bool = False  # the rows are of an earlier attempt, of which this one may do some again

    def hear(self, numbers: Mapping[str, float], where: Mapping[str, float]) -> None:
        self.numbers.update(numbers)
        if not where:
            return
        if self.goes_on:
            self.rows = [row for row in self.rows if is_before(row, where)]
            self.goes_on = False
        if self.rows and all(self.rows[-1].get(key) == value for key, value in where.items()):
            self.rows[-1].update(numbers)
        else:
            self.rows.append({**where, **numbers})
        if monotonic() - self.written > self.pause:
            begun = monotonic()
            self.write()
            self.pause = max(EVERY_S, LEAST_SHARE * (self.written - begun))

    def write(self) -> None:
        """The rows as history.csv, unless the program has a file of that name."""
        if not self.rows or self.is_theirs:
            return
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        rows = [{name: row.get(name, float("nan")) for name in columns} for row in self.rows]
        record.save_history(self.folder, rows, columns)
        self.written = monotonic()


def is_before(row: Mapping[str, float], where: Mapping[str, float]) -> bool:
    """Whether a row is of no later step or epoch; one that has none, or NaN, is of no later one."""
    return not any(row.get(key, float("-inf")) >= value for key, value in where.items())


_now: list[Told] = []  # the run that goes on in this process, if any


@contextmanager
def listening(folder: Path, run: str, *, goes_on: bool) -> Iterator[Told]:
    """Inside, what is logged belongs to this run. One that goes on keeps the rows of its earlier attempt.

    Less those that it logs once more.
    """
    told = Told(folder, run)
    if goes_on:
        with suppress(OSError, ValueError):
            told.rows = record.load_history(folder)
        told.goes_on = bool(told.rows)
    told.is_theirs = not told.rows and (folder / HISTORY).exists()
    _now.append(told)
    try:
        yield told
    finally:
        _now.remove(told)
        with suppress(OSError):
            told.write()


def log(
    values: Mapping[str, SupportsFloat] | None = None,
    /,
    *,
    step: int | None = None,
    epoch: int | None = None,
    predicted: "np.ndarray | None" = None,
    label: "np.ndarray | None" = None,
    **numbers: SupportsFloat,
) -> None:
    """Tells the study numbers of this run: `ablate.log(test_acc=0.93)` or `ablate.log({"test/acc": 0.93})`.

    The latest of each name counts; with `step` or `epoch` they are a row of its history too. `predicted` and
    `label`, whole numbers each (n,), are the classes of the test examples, which the report compares one by one.
    Outside of a study nothing happens.
    """
    if not _now:
        return
    told = _now[-1]
    given = {**(values or {}), **numbers}
    found = {str(name): number for name, value in given.items() if (number := as_number(value)) is not None}
    where = {"step": step, "epoch": epoch}
    told.hear(found, {name: float(at) for name, at in where.items() if at is not None})
    if predicted is not None and label is not None:
        save_predictions(told, predicted, label)


def save_predictions(told: Told, predicted: "np.ndarray", label: "np.ndarray") -> None:
    import numpy as np

    one, two = np.asarray(predicted), np.asarray(label)
    if one.shape != two.shape or one.ndim != 1 or not all(np.issubdtype(a.dtype, np.integer) for a in (one, two)):
        raise ValueError(
            f"ablate.log: predicted {one.shape} {one.dtype}, label {two.shape} {two.dtype}; "
            "whole numbers are wanted, (n,) each"
        )
    classes = 1 + int(max(one.max(initial=0), two.max(initial=0)))
    record.save_predictions(told.folder, told.run, one, two, classes)


def as_number(value: object) -> float | None:
    """A number, or the one that an array or a tensor holds; None for anything else."""
    try:
        return float(value.item() if hasattr(value, "item") else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        return None
