"""What to run next: the command that would decide most for the least training, and how long it takes here."""

import itertools
from datetime import datetime

import numpy as np

from ablate.config.words import key_of, value_of
from ablate.records.run_record import RunRecord
from ablate.report.decision import Decision, reduced
from ablate.report.findings import Findings
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.grid import Arms
from ablate.report.words.commands import tunes, typed, with_more
from ablate.text import count

ENDED = ("done", "failed")
FIRST = 3  # seeds to begin with, where there is one
MINUTE, HOUR = 60, 3600


def next_line(found: Findings) -> str:
    """The command and its time; why there is none; "" where nothing can be said."""
    told, plan = found.decision, found.plan
    if told is None or plan.guessed:
        return ""
    # Runs that stand in another group cannot be asked for here: the command would not train them again.
    command = plan.command if {run.id for run in plan.runs} <= set(found.runs["id"]) else None
    if waiting := {
        id for id, state in zip(found.runs["id"], found.runs["state"], strict=True) if state not in ENDED
    }:
        return f"{going_on(command, waiting, found)}  # goes on: runs are still to come" if command else ""
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
    wanted = arms_next(told, found)
    if not command:
        of = count(len(reduced(found.grid, wanted).cells), "cell")
        return f"{count(number - have, 'more seed')} of {of}: {what}."
    arms, words = asking(wanted, found)
    missing = missing_runs(arms, number, found)
    times = 2 if tunes(command) else 1  # once more with the values chosen
    runs, took = times * sum(missing.values()), seconds_of(missing, found)
    first = 1 if plan.seed_key else 0  # some programs seed nothing with 0
    more = with_more(command, words, more_seeds(found.grid.seeds, number, first), plan.seed_key)
    return f"{more}  # {count(runs, 'more run')}{lasting(took and times * took)}; {what}"


def going_on(command: list[str], waiting: set[str], found: Findings) -> str:
    """The last command, if it asked for the runs that wait; else one that asks for all that was asked for."""
    if waiting <= {run.id for run in found.plan.by_last_command}:
        return typed(command)
    seeds = sorted({run.seed for run in found.plan.runs})
    return with_more(command, asking(found.grid.levels, found)[1], seeds, found.plan.seed_key)


def is_of_a_kind(found: Findings) -> bool:
    """Whether the command asks for no full grid, or axes change together: then arms have no word of their own."""
    design = found.plan.design.kind if found.plan.design else "full"
    return design != "full" or bool(found.aliases) or any("+" in axis for axis in found.grid.levels)


def asked_cells(found: Findings) -> list[Arms]:
    """The cells of the last command."""
    ids = {run.id for run in found.plan.by_last_command}
    return list(dict.fromkeys(c for c, id in zip(found.runs["cell"], found.runs["id"], strict=True) if id in ids))


def asked_arms(found: Findings) -> dict[str, list[str]]:
    """The arms of the last command."""
    return {
        axis: list(dict.fromkeys(arms))
        for axis, arms in zip(found.grid.axes, zip(*asked_cells(found), strict=True), strict=True)
    }


def asking(wanted: dict[str, list[str]], found: Findings) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The arms that a command can ask for, and the words for those axes of which the last command had others."""
    arms, words = dict(wanted), {}
    for axis, asked in ({} if is_of_a_kind(found) else asked_arms(found)).items():
        if set(wanted[axis]) == set(asked):
            continue
        if word := as_written(axis, wanted[axis], found):
            words[axis] = word
        else:
            arms[axis] = asked
    return arms, words


def as_written(axis: str, arms: list[str], found: Findings) -> str | None:
    """`pos=none,rope` as commands wrote these arms; None if one was never written, as that of a key left out."""
    words = {value_of(w): w for run in found.plan.runs for w in run.overrides or () if key_of(w) == axis}
    if not {*arms} <= words.keys():
        return None
    key = words[arms[0]].partition("=")[0]
    return f"{key}={','.join(words[arm].partition('=')[2] for arm in arms)}"


def missing_runs(arms: dict[str, list[str]], number: int, found: Findings) -> dict[Arms, int]:
    """How many runs each cell of these arms lacks for so many seeds."""
    have = dict(zip(found.grid.cells, (~np.isnan(found.grid.values)).sum(0).tolist(), strict=True))
    if is_of_a_kind(found):
        return {cell: max(0, number - have.get(cell, 0)) for cell in asked_cells(found)}
    # A cell that was asked for and is not there is the same as another one, and is not trained.
    twins = {*itertools.product(*asked_arms(found).values())} - have.keys()
    cells = [cell for cell in itertools.product(*arms.values()) if cell not in twins]
    return {cell: max(0, number - have.get(cell, 0)) for cell in cells}


def arms_next(told: Decision, found: Findings) -> dict[str, list[str]]:
    """The arms to go on with: those that are left, but two or more of each axis, else it is no axis any more."""
    levels = found.grid.levels
    if is_of_a_kind(found):
        return dict(levels)
    return {axis: arms if len(arms) > 1 else levels[axis] for axis, arms in told.left.items()}


def seeds_next(rows: list[Effect], have: int) -> tuple[int | None, int]:
    """The number of seeds that decides most for each more seed, and how many of the rows it decides."""
    if all(row.n < 2 for row in rows):
        return max(FIRST, have + 1), len(rows)
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


def seconds_of(missing: dict[Arms, int], found: Findings) -> float | None:
    """How long so many runs of each cell would take, from how long others of the cells took; None if unknown."""
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
    for cell, n in missing.items():
        times = took.get(cell, [mean])
        total += n * sum(times) / len(times)
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
