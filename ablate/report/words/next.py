"""What to run next: the command that would decide most for the least training, and how long it takes here."""

from datetime import datetime

import numpy as np

from ablate.records.run_record import RunRecord
from ablate.report.decision import Decision, reduced
from ablate.report.findings import Findings
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.grid import Arms, Grid
from ablate.report.words.commands import typed, with_more
from ablate.text import count

FIRST = 3  # seeds to begin with, where there is one
MINUTE, HOUR = 60, 3600


def next_line(found: Findings) -> str:
    """The command and its time; why there is none; "" where nothing can be said."""
    told = found.decision
    command = found.plan.command
    if told is None or found.plan.guessed:
        return ""
    if any(state not in ("done", "failed") for state in found.runs["state"]):
        return f"{typed(command)}  # goes on: runs are still to come" if command else ""
    if found.looks:
        return ""  # the study itself adds seeds until all is decided
    open_rows = [row for row in effects(told.effects) if row.verdict in ("undecided", "none")]
    if not open_rows:
        return "nothing: what is left open does not matter." if len(told.possible) > 1 else ""
    have = len(found.grid.seeds)
    number, decided = seeds_next(open_rows, have)
    if number is None:
        return "no number of seeds would decide more with this spread."
    what = (
        f"decides {decided} of {len(open_rows)} open questions" if len(open_rows) > 1 else "decides what is open"
    )
    if number <= have:
        return ""
    arms = arms_next(told, found)
    grid = reduced(found.grid, arms)
    if not command:
        return f"{count(number - have, 'more seed')} of {count(len(grid.cells), 'cell')}: {what}."
    fewer = {axis: part for axis, part in arms.items() if len(part) < len(found.grid.levels[axis])}
    runs = sum(max(0, number - n) for n in there(grid))
    first = 1 if found.plan.seed_key else 0  # some programs seed nothing with 0
    more = with_more(command, fewer, more_seeds(found.grid.seeds, number, first), found.plan.seed_key)
    return f"{more}  # {count(runs, 'more run')}{lasting(seconds_of(grid, found, number))}; {what}"


def arms_next(told: Decision, found: Findings) -> dict[str, list[str]]:
    """The arms to go on with: those that are left, but two or more of each axis, which else is no axis any more.

    All of them for a design that is no full grid, and where axes change together: these have no word of their own.
    """
    levels = found.grid.levels
    whole = found.design not in ("full", "") or found.aliases or any("+" in axis for axis in levels)
    if whole:
        return dict(levels)
    return {axis: arms if len(arms) > 1 else levels[axis] for axis, arms in told.left.items()}


def there(grid: Grid) -> list[int]:
    """How many results each cell has."""
    return [int(n) for n in (~np.isnan(grid.values)).sum(0)]


def seeds_next(rows: list[Effect], have: int) -> tuple[int | None, int]:
    """The number of seeds that decides most for each more seed, and how many of the rows it decides."""
    if have < 2:
        return FIRST, len(rows)
    needed = sorted(row.seeds_needed for row in rows if row.seeds_needed is not None)
    if not needed:
        return None, 0
    found = {number: sum(other <= number for other in needed) for number in needed}
    number = max(found, key=lambda n: (found[n] / max(1, n - have), -n))
    return max(number, have + 1), found[number]


def more_seeds(seeds: list[int], number: int, first: int = 0) -> list[int]:
    """The seeds there are and the next ones, from `first` on."""
    new = [seed for seed in range(first, max([*seeds, number]) + number) if seed not in seeds]
    return sorted([*seeds, *new[: max(0, number - len(seeds))]])


def seconds_of(grid: Grid, found: Findings, number: int) -> float | None:
    """How long the missing runs would take, from how long those of the same cells took; None if unknown."""
    took: dict[Arms, list[float]] = {}
    spans = []
    for run in found.records:
        if run.state == "done" and (ends := began_ended(run)):
            spans.append(ends)
            took.setdefault(tuple(run.cell.values()), []).append(ends[1] - ends[0])
    if not spans:
        return None
    mean = sum(map(sum, took.values())) / len(spans)
    total = 0.0
    for cell, n in zip(grid.cells, there(grid), strict=True):
        times = took.get(cell, [mean])
        total += max(0, number - n) * sum(times) / len(times)
    return total / at_once(spans)


def at_once(spans: list[tuple[float, float]]) -> float:
    """How many runs went at a time, on average over the time in which any did."""
    busy, last = 0.0, float("-inf")
    for began, ended in sorted(spans):
        busy += max(0.0, ended - max(began, last))
        last = max(last, ended)
    return max(1.0, sum(ended - began for began, ended in spans) / busy) if busy > 0 else 1.0


def began_ended(run: RunRecord) -> tuple[float, float] | None:
    try:
        began, ended = (datetime.fromisoformat(str(when)).timestamp() for when in (run.started, run.ended))
    except ValueError:
        return None
    return (began, ended) if ended > began else None


def lasting(total: float | None) -> str:
    """`, about 25 min here`."""
    if total is None:
        return ""
    if total >= 1.5 * HOUR:
        return f", about {total / HOUR:.1f} h here"
    return f", about {max(1, round(total / MINUTE))} min here"
