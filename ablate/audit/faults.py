"""What an audit finds out: of each pair of arms, of each arm, and of the study."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ablate.audit import alive, clean, paired
from ablate.audit.arms import Arms
from ablate.audit.built import Cell
from ablate.audit.promises import Claim, claim_of
from ablate.audit.trainable import untrained
from ablate.records import record
from ablate.study.runs import Run

Build = Callable[[Run], Cell]


def builder() -> Build:
    """The cell of a run, made once."""
    made: dict[str, Cell] = {}

    def build(run: Run) -> Cell:
        return made.setdefault(run.id, made.get(run.id) or Cell(run))

    return build


@dataclass
class Compared:
    """Two arms: what makes them differ, and what is wrong, each fault with the places where it was seen."""

    arms: Arms
    difference: str | None = None
    size: int = 0
    dead: list[str] = field(default_factory=list)
    unclean: dict[str, list[str]] = field(default_factory=dict)

    def faults(self) -> list[str]:
        a, b = f"{self.arms.axis}={self.arms.a}", f"{self.arms.axis}={self.arms.b}"
        found = (
            [f"{a} and {b} are dead against each other: nothing differs{where(self.dead)}"] if self.dead else []
        )
        return found + [f"{a} and {b} differ in more: {what}{where(at)}" for what, at in self.unclean.items()]


@dataclass
class Judged:
    """One arm: what its name promises, and how many of its weights are trained."""

    axis: str
    choice: str
    says: str | None
    weights: int = 0
    untrue: dict[str, list[str]] = field(default_factory=dict)
    idle: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.axis}={self.choice}"

    def faults(self) -> list[str]:
        found = [f"{self.name} is not what it says: {what}{where(at)}" for what, at in self.untrue.items()]
        return found + [
            f"{self.name} has a weight without gradient: {what}{where(at)}" for what, at in self.idle.items()
        ]


def where(places: list[str]) -> str:
    """` (patch=4; in 2 cells)`, nothing for a study of one axis."""
    told = [place for place in places if place]
    if not told:
        return ""
    return f" ({told[0]})" if len(told) == 1 else f" ({told[0]}, and {len(told) - 1} more)"


def context(run: Run, axis: str) -> str:
    """The other axes' choices of a cell."""
    rest = {key: choice for key, choice in run.cell.items() if key != axis}
    return record.label(rest) if rest else ""


def compare(arms: Arms, pairs: list[tuple[Run, Run]], build: Build) -> Compared:
    """Alive and clean, of two arms in the given pairs of cells."""
    result = Compared(arms)
    for i, (first, second) in enumerate(pairs):
        a, b, place = build(first), build(second), context(first, arms.axis)
        difference = alive.difference(a, b)
        if i == 0:
            result.difference = difference
        if difference is None:
            result.dead.append(place)
        for fault in clean.faults(arms.axis, a, b):
            result.unclean.setdefault(fault, []).append(place)
    return result


def judge(axis: str, choice: str, runs: list[Run], build: Build) -> Judged:
    """True to its name and trainable, of one arm in the given cells."""
    claim = claim_of(axis, choice)
    result = Judged(axis, choice, claim.says if claim else None)
    for run in runs:
        cell, place = build(run), context(run, axis)
        if claim and (fault := broken(claim, cell)):
            result.untrue.setdefault(fault, []).append(place)
        result.weights = max(result.weights, len(cell.parameters))
        for name in untrained(cell):
            result.idle.setdefault(name, []).append(place)
    return result


def broken(claim: Claim, cell: Cell) -> str | None:
    """What is wrong with a claim; nothing where the model is put together so that it cannot be asked."""
    try:
        return claim.fault(cell)
    except AttributeError:
        return None


def doubles(twins: list[Run], runs: list[Run]) -> list[str]:
    """Arms that compose to the very configuration of another one: their runs would be one run."""
    cells = {run.id: run.cell for run in runs}
    found: dict[str, None] = {}
    for twin in twins:
        for axis, choice in twin.cell.items():
            if (other := cells[twin.id][axis]) != choice:
                found[f"{axis}={choice} is dead: its configuration is that of {axis}={other} to the letter"] = None
    return list(found)


def unpaired(runs: list[Run], arms: list[Arms], cells: list[Cell]) -> list[str]:
    """Why arms cannot be compared seed by seed; nothing when they can."""
    draws = [fault for cell in cells if (fault := paired.draw_fault(cell))]
    first = paired.order(cells[0])
    same_seed = [cell for cell in cells[1:] if cell.run.seed == cells[0].run.seed]
    moved = [
        f"{record.label(cell.run.cell)} takes the images in another order"
        for cell in same_seed
        if not paired.order(cell).equal(first)
    ]
    return paired.seed_faults(runs, arms) + list(dict.fromkeys(draws)) + moved
