"""The decision in words: which cell to take, what may be as good, what is ruled out, what to run next."""

from ablate.records.run_record import label
from ablate.report.decision import COSTS, Decision
from ablate.report.findings import Findings
from ablate.report.numbers.grid import Arms
from ablate.report.words.axes import axis_sentence
from ablate.report.words.failures import failed_sentences
from ablate.report.words.next import next_line
from ablate.report.words.sentences import Sentence
from ablate.text import count, seconds, si

COST_UNITS = {  # report.cost -> how its numbers are written, and what they are
    "flops": (si, "FLOPs an image"),
    "params": (si, "parameters"),
    "train_s": (seconds, "s of training"),
    "images_per_s": (si, "images a second"),
}


def decision_sentences(found: Findings) -> list[Sentence]:
    """Best, as good, ruled out, next, then a line for each axis; nothing for a study of one cell."""
    told = found.decision
    if told is None:
        return failed_sentences(found)
    best = f"{_named(told.best, found)}: {_value(told.best, found)}.{_so_far(told)}"
    lines = [*failed_sentences(found), Sentence("best", best)]
    if len(told.possible) > 1 and told.tested:
        lines.append(Sentence("as good", _as_good(told, found)))
    if told.ruled_out:
        lines.append(Sentence("ruled out", _ruled_out(told, found)))
    if more := next_line(found):
        lines.append(Sentence("next", more))
    if told.tested:
        lines += [axis_sentence(axis, found) for axis, arms in found.grid.levels.items() if len(arms) > 1]
    return lines


def _so_far(told: Decision) -> str:
    if not told.tested:
        if told.most_seeds > 1:
            return " Fewer than two cells have two seeds or more, so no cell is ruled out."
        return " One seed says nothing of how sure that is, so no cell is ruled out."
    return " The best of those with a result." if told.unknown else ""


def _named(cell: Arms, found: Findings) -> str:
    return label(zip(found.grid.axes, cell, strict=True))


def _value(cell: Arms, found: Findings) -> str:
    read_as, row = found.measure, found.cells.set_index("cell")
    mean = float(row[f"{read_as.name}_mean"][[cell]].iloc[0])
    return f"{read_as.title} {read_as.value(mean)} {read_as.unit}".strip()


def _cost(cell: Arms, name: str, found: Findings) -> str:
    value = float(found.cells.set_index("cell")[COSTS[name][0]][[cell]].iloc[0])
    return COST_UNITS[name][0](value)


def _as_good(told: Decision, found: Findings) -> str:
    others = count(len(told.possible) - 1, "more cell")
    text = f"{others} could be the best as well (95 % confidence)."
    if told.cost is None:
        return text
    best, unit = _cost(told.best, told.cost, found), COST_UNITS[told.cost][1]
    if told.cheapest == told.best:
        return f"{text} The best is also the cheapest of them ({best} {unit})."
    price = f"{_cost(told.cheapest, told.cost, found)} {unit}, not {best}"
    return f"{text} The cheapest is {_named(told.cheapest, found)}: {_value(told.cheapest, found)}, {price}."


def _ruled_out(told: Decision, found: Findings) -> str:
    of = len(told.possible) + len(told.ruled_out)
    whole = [
        f"{axis}={arm}"
        for i, axis in enumerate(found.grid.axes)
        for arm in found.grid.levels[axis]
        if arm not in told.left[axis]
    ]
    text = f"{len(told.ruled_out)} of {count(of, 'cell')}"
    return f"{text}, with them all of {', '.join(whole)}." if whole else f"{text}."


def how_to_decide(found: Findings) -> list[str]:
    """How cells were ruled out, and over which cells the lines on the axes speak."""
    told = found.decision
    if told is None or not told.tested:
        return []
    lines = [
        "A cell is ruled out when another is shown to be better: paired t tests over the seeds, at 4 % (two "
        "seeds) to 2 % (four and more) divided by the number of other cells. So the cells that are left hold the "
        "best one with 95 % confidence, where errors are skewed too."
    ]
    if told.is_part:
        lines.append(
            "What is said of an axis is over the cells of the arms that are left, with Holm over their pairs."
        )
    return lines


def in_short(found: Findings) -> str:
    """The decision in a line: `pos=learned, test accuracy 98.96 %; 7 more could be the best; 4 ruled out`."""
    told = found.decision
    if told is None:
        cells = [cell for cell, n in zip(found.cells["cell"], found.cells["n"], strict=True) if n]
        return _value(cells[0], found) if cells else "no result yet"
    parts = [f"{_named(told.best, found)}, {_value(told.best, found)}"]
    if told.tested:
        parts += [f"{len(told.possible) - 1} more could be the best"] if len(told.possible) > 1 else []
        parts += [f"{len(told.ruled_out)} ruled out"] if told.ruled_out else []
    else:
        parts += ["one seed" if told.most_seeds < 2 else "fewer than two cells have two seeds"]
    return "; ".join(parts)
