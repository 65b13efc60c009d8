"""The values of a metric in records, and how many digits of them tell seeds apart."""

import math
from statistics import median, pstdev

from ablate.records.run_record import RunRecord
from ablate.text import PREFIXES

LARGE = 1e5  # from here on numbers have a prefix
MOST = 10  # decimals


def number(run: RunRecord, name: str) -> float | None:
    """A number of a run by its name, from its metrics or else its costs."""
    found = run.metrics.get(name)
    return run.cost.get(name) if found is None else found


def by_cell(records: list[RunRecord], name: str) -> list[list[float]]:
    """The values of the runs that are done, apart by cell."""
    found: dict[tuple[str, ...], list[float]] = {}
    for run in records:
        value = number(run, name) if run.state == "done" else None
        if value is not None and math.isfinite(value):
            found.setdefault(tuple(run.cell.values()), []).append(float(value))
    return list(found.values())


def known(records: list[RunRecord]) -> list[str]:
    """The numbers that finished runs have."""
    names = (name for run in records if run.state == "done" for name in (*run.metrics, *run.cost))
    return [name for name in dict.fromkeys(names) if by_cell(records, name)]


def written(values: list[list[float]]) -> tuple[float, str, int]:
    """Scale, prefix and decimals with which a spread over seeds has two digits."""
    largest = max((abs(value) for cell in values for value in cell), default=0.0)
    exponent = 0
    while largest >= LARGE and largest / 1000**exponent >= 1000 and exponent < len(PREFIXES) - 1:
        exponent += 1
    scale = 1000.0**-exponent
    spread = scale * typical(values)
    places = 2 if not spread > 0 else 1 - math.floor(math.log10(spread))
    return scale, PREFIXES[exponent], min(max(places, 0), MOST)


def typical(values: list[list[float]]) -> float:
    """The median spread over the seeds of a cell; without any, a hundredth of what lies between cells; else 0."""
    spreads = [sd for cell in values if len(cell) > 1 and (sd := pstdev(cell)) > 1e-9 * abs(max(cell, key=abs))]
    if spreads:
        return median(spreads)
    means = [sum(cell) / len(cell) for cell in values]
    return (max(means) - min(means)) / 100 if means else 0.0
