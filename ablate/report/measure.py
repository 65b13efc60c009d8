"""The metric that a report is about: its name, which way is better, and how its numbers are written."""

import math
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from ablate.records import metric as metrics
from ablate.records.metric import FRACTION, MAXIMIZE, MINIMIZE, MetricFacts
from ablate.records.run_record import RunRecord
from ablate.report.values import by_cell, known, written
from ablate.text import NONE

T = TypeVar("T")

OURS = "test_acc"
MARGIN = 0.001  # of a fraction, 0.1 points; other units have none of their own
NAMES = {  # of our own training: in a sentence, above a column, of which images it is
    "test_acc": ("test accuracy", "test acc", "test"),
    "test_loss": ("test loss", "test loss", "test"),
    "val_acc": ("validation accuracy", "val acc", "validation"),
    "val_loss": ("validation loss", "val loss", "validation"),
    "train_loss": ("training loss", "train loss", ""),
}


@dataclass(frozen=True)
class Measure:
    """How a metric is read. Numbers go in as the records have them, and come out as people read them."""

    name: str = OURS
    title: str = "test accuracy"  # in a sentence
    short: str = "test acc"  # above a column
    sign: int = 1  # -1: less is better
    unit: str = "%"  # of values, after a number
    step: str = "points"  # unit of differences
    scale: float = 100.0
    places: int = 2
    prefix: str = ""  # k, M, G of a large number
    margin: float = MARGIN  # a difference below it does not matter; NaN: nobody said
    sample: str = "test"  # the images that it was measured on; "" for a metric of another kind
    own: bool = True  # whether our own training measured it
    is_cost: bool = False

    @property
    def is_fraction(self) -> bool:
        return self.scale == 100.0

    @property
    def is_ours(self) -> bool:
        """Whether it is what predictions.npz is about: our own training's accuracy on test images."""
        return self.own and self.name == OURS

    @property
    def heading(self) -> str:
        return f"{self.short} {self.unit}".strip()

    @property
    def label(self) -> str:
        """Of an axis of a figure: `test accuracy, %`."""
        return ", ".join(part for part in (self.title, self.prefix + self.unit) if part)

    @property
    def differences(self) -> str:
        """What a difference is one of: `percentage points of test accuracy`, `rmse in K (less is better)`."""
        if self.step == "points":
            named = f"percentage points of {self.title}"
        else:
            named = self.title + (f" in {self.unit}" if self.unit else "")
        return named + (" (less is better)" if self.sign < 0 else "")

    def value(self, x: float) -> str:
        """`98.81`; a dash where nothing is known."""
        return NONE if math.isnan(x) else self._digits(x, "").replace("-", "−")

    def spread(self, mean: float, sd: float) -> str:
        """`98.81 ± 0.07`; a single seed has no standard deviation (NaN)."""
        return self.value(mean) if math.isnan(sd) else f"{self.value(mean)} ± {self.value(sd)}"

    def difference(self, x: float, sign: bool = True) -> str:
        """`+7.62`, or `7.62` without the sign of a positive number."""
        return NONE if math.isnan(x) else self._digits(x, "+" if sign else "").replace("-", "−")

    def amount(self, x: float, sign: bool = False) -> str:
        """A difference with its unit: `7.62 points`."""
        return f"{self.difference(x, sign)} {self.step}".strip()

    def span(self, low: float, high: float) -> str:
        """An interval of a difference: `+7.38 to +7.60`."""
        unknown = math.isnan(low) or math.isnan(high)
        return NONE if unknown else f"{self.difference(low)} to {self.difference(high)}"

    def within(self, low: float, high: float) -> str:
        """An interval of a value; that of a fraction cannot leave 0 to 1."""
        if math.isnan(low):
            return NONE
        low, high = (max(0.0, low), min(1.0, high)) if self.is_fraction else (low, high)
        return f"{self.value(low)} to {self.value(high)}"

    def records_own(self, shown: float) -> float:
        """A difference as people read it -> as the records have it: 0.1 points are 0.001."""
        return shown * (0.01 if self.is_fraction else 1.0)

    def _digits(self, x: float, sign: str) -> str:
        rounded = round(self.scale * x, self.places) + 0.0  # no negative zero
        return f"{rounded:{sign}.{self.places}f}{self.prefix}"


class Asked(Protocol):
    """What a reader says of the metric; None where the study or the name is to say it."""

    @property
    def metric(self) -> str | None: ...
    @property
    def direction(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def margin(self) -> float | None: ...
    @property
    def margin_shown(self) -> float | None: ...


@dataclass(frozen=True)
class NothingAsked:
    """A reader who leaves it all to the study."""

    metric: str | None = None
    direction: str | None = None
    unit: str | None = None
    margin: float | None = None
    margin_shown: float | None = None


def measure(records: list[RunRecord], facts: MetricFacts | None, asked: Asked) -> Measure:
    """The metric that was asked for, else the study's own (`facts`), else test accuracy.

    Raises ValueError, one line, for a metric that no finished run has, or whose direction nothing says.
    """
    name = asked.metric or (facts.name if facts else OURS)
    said = facts if facts and facts.name == name else MetricFacts(name=name)
    values = by_cell(records, name)
    if asked.metric and not values and any(one.state == "done" for one in records):
        raise ValueError(f"report.metric={name}: no run has it; they have {', '.join(known(records))}")
    every = [value for cell in values for value in cell]
    own = facts is None and name in NAMES
    title, short, sample = NAMES[name] if own else (name, name, "")
    unit = first(asked.unit, said.unit, metrics.unit_of(name, every))
    direction = first(asked.direction, said.direction, metrics.direction_of(name))
    if direction not in (MAXIMIZE, MINIMIZE):
        problem = "nothing says which way is better" if direction is None else f"direction is {direction}"
        raise ValueError(f"report.metric={name}: {problem}; report.direction=maximize or minimize")
    scale, prefix, places = (100.0, "", 2) if unit == FRACTION else written(values)
    if unit == FRACTION and asked.margin_shown is not None and not asked.margin_shown < 100:
        raise ValueError(f"report.margin={asked.margin_shown:g}: points are wanted, as in report.margin=0.1")
    in_points = unit in (FRACTION, "%")
    shown = None if asked.margin_shown is None else asked.margin_shown * (0.01 if unit == FRACTION else 1.0)
    margin = first(asked.margin, shown, said.margin)
    return Measure(
        name=name,
        title=title,
        short=short,
        sign=1 if direction == MAXIMIZE else -1,
        unit="%" if in_points else unit or "",
        step="points" if in_points else unit or "",
        scale=scale,
        places=places,
        prefix=prefix,
        margin=MARGIN if margin is None and unit == FRACTION else math.nan if margin is None else margin,
        sample=sample,
        own=own,
        is_cost=name in metrics.COSTS,
    )


def first(*values: T | None) -> T | None:
    """The first that is not None."""
    return next((value for value in values if value is not None), None)


def history_of(read_as: Measure) -> Measure:
    """What a run's history has of a metric: of one on test images, the same on validation images."""
    name = read_as.name.replace("test_", "val_", 1) if read_as.own else read_as.name
    if name == read_as.name:
        return read_as
    title, short, sample = NAMES[name]
    return replace(read_as, name=name, title=title, short=short, sample=sample)
