"""A line for each axis: keep, drop, does not matter, depends, cannot say yet."""

from ablate.report.findings import Findings
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.paired import ALPHA
from ablate.report.words.sentences import Sentence
from ablate.text import NONE, change, count


def axis_sentence(axis: str, found: Findings) -> Sentence:
    """Keep, drop, does not matter, matters only with, cannot say yet."""
    told = found.decision
    assert told is not None
    left, levels = told.left[axis], found.grid.levels[axis]
    gone = [arm for arm in levels if arm not in left]
    rows = [row for row in effects(told.effects) if row.axes == (axis,)]
    drop = f"drop {', '.join(gone)}" if gone else ""
    if len(left) == 1:
        return Sentence("keep", f"{axis}: keep {left[0]}, {drop}: no cell with it could be the best.")
    if only := _only_with(axis, found):
        return _line("depends", axis, [drop, only])
    if any(row.verdict == "aliased" for row in rows):
        return _line("cannot say yet", axis, ["this fraction mixes its effect with others"])
    beaten = {row.arm[0] if row.verdict == "worse" else row.against[0] for row in rows if _decided(row)}
    leaders = [arm for arm in left if arm not in beaten]
    losers = [arm for arm in left if arm in beaten]
    drop = f"drop {', '.join([*gone, *losers])}" if gone or losers else ""
    open_rows = [row for row in rows if row.arm[0] in leaders and row.against[0] in leaders]
    if len(leaders) == 1:
        best = max(
            (row for row in rows if _decided(row) and leaders[0] in (row.arm[0], row.against[0])), key=_size
        )
        worst = best.against[0] if best.arm[0] == leaders[0] else best.arm[0]
        size = f"better than {worst} by {found.measure.amount(abs(best.mean))}"
        return _line("keep", axis, [f"keep {leaders[0]}", drop, f"{size}{_where(found)}"])
    names = " or ".join([", ".join(leaders[:-1]), leaders[-1]])
    if open_rows and all(row.verdict == "equivalent" for row in open_rows):
        within = f"within {found.measure.amount(found.measure.margin)}{_where(found)}"
        if drop:
            return _line("keep", axis, [f"keep {names}, which are equivalent {within}", drop])
        return _line("does not matter", axis, [f"{' and '.join(leaders)} are equivalent {within}"])
    return _line("cannot say yet", axis, [drop, f"{names}: {_open(open_rows, found)}"])


def _line(word: str, axis: str, parts: list[str]) -> Sentence:
    return Sentence(word, f"{axis}: {'; '.join(part for part in parts if part)}.")


def _decided(row: Effect) -> bool:
    return row.verdict in ("better", "worse")


def _size(row: Effect) -> float:
    return abs(row.mean)


def _where(found: Findings) -> str:
    """Which cells an effect is the mean of, if not of all."""
    told = found.decision
    return " among the arms that are left" if told and told.is_part else ""


def _only_with(axis: str, found: Findings) -> str:
    """`is shown to matter only with patch=4 (learned better by 12.23 points)`; "" where it is much the same."""
    told = found.decision
    assert told is not None
    if not any(row.p_holm < ALPHA and axis in row.axes for row in effects(told.interactions)):
        return ""
    rows = [row for row in effects(told.simple) if row.axes == (axis,)]
    better: dict[tuple[str, str], list[Effect]] = {}
    for row in filter(_decided, rows):
        arms = (row.arm[0], row.against[0]) if row.verdict == "better" else (row.against[0], row.arm[0])
        better.setdefault(arms, []).append(row)
    if any((other, arm) in better for arm, other in better):
        turns = [f"{arm} is better at {_place(row)}" for (arm, _), here in better.items() for row in here]
        return f"which is best depends: {', '.join(turns)}"
    places = {place for row in rows for place in row.within}
    arms, at = max(better.items(), key=lambda item: max(map(_size, item[1])), default=(("", ""), []))
    if not at or len(at) == len(places):
        return ""
    said = [f"{_place(row)} ({arms[0]} better by {found.measure.amount(abs(row.mean))})" for row in at]
    return f"is shown to matter only with {', '.join(said)}"


def _place(row: Effect) -> str:
    return " ".join(f"{axis}={arm}" for axis, arm in row.within)


def _open(rows: list[Effect], found: Findings) -> str:
    """What is known of a pair that is not decided, and how many seeds would."""
    there = [row for row in rows if row.verdict in ("undecided", "none")]
    if not there:
        return "no two cells differ in it alone"
    row = min(there, key=lambda row: (row.seeds_needed is None, row.seeds_needed or 0))
    read_as = found.measure
    size = f"{change(row.arm[0], row.against[0])} is {read_as.difference(row.mean)}"
    interval = read_as.span(row.low, row.high)
    size += "" if row.n < 2 or interval == NONE else f" ({interval})"
    if found.looks:
        return size
    if row.seeds_needed is None:
        return f"{size}, and no number of seeds would tell" if row.n > 1 else size
    tell = f"{size}; about {count(max(1, row.seeds_needed - row.n), 'more seed')} would tell"
    return tell if len(there) == 1 else f"{tell} these two{_all(there)}"


def _all(rows: list[Effect]) -> str:
    """What it takes to decide all pairs that are open."""
    needed = [max(1, row.seeds_needed - row.n) for row in rows if row.seeds_needed is not None]
    every = "both" if len(rows) == 2 else f"all {len(rows)}"
    return f", {max(needed) if len(needed) == len(rows) else 'no number'} {every} open pairs"
