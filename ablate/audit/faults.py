"""What an audit finds out: of each pair of arms, of each arm, and of the study."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ablate.audit import alive, clean, paired
from ablate.audit.answer import ask
from ablate.audit.arms import Arms
from ablate.audit.built import Built
from ablate.audit.promises import promise_of
from ablate.audit.trainable import untrained
from ablate.records import record
from ablate.study.runs import Run

Build = Callable[[Run], Built]


def builder() -> Build:
    """The cell of a run, made once."""
    made: dict[str, Built] = {}

    def build(run: Run) -> Built:
        return made.setdefault(run.id, made.get(run.id) or Built(run))

    return build


@dataclass
class Compared:
    """Two arms: what makes them differ, and what is wrong, each fault with the places where it was seen.

    `not_alive` and `not_clean` say why it could not be asked in some pair whether they differ, and in what else.
    """

    arms: Arms
    difference: str | None = None
    dead: list[str] = field(default_factory=list)
    unclean: dict[str, list[str]] = field(default_factory=dict)
    not_alive: str | None = None
    not_clean: str | None = None

    def faults(self) -> list[str]:
        a, b = f"{self.arms.axis}={self.arms.a}", f"{self.arms.axis}={self.arms.b}"
        found = (
            [f"one of {a} and {b} is dead: nothing differs between them{where(self.dead)}"] if self.dead else []
        )
        return found + [
            f"{a} and {b} differ in more than their axis: {what}{where(at)}" for what, at in self.unclean.items()
        ]

    def not_asked(self) -> list[str]:
        """What could not be asked, a line each, for a study that is about to train."""
        a, b = f"{self.arms.axis}={self.arms.a}", f"{self.arms.axis}={self.arms.b}"
        questions = {"whether they differ": self.not_alive, "whether they differ in more": self.not_clean}
        return [f"{a} and {b}: not asked {what} ({why})" for what, why in questions.items() if why]


@dataclass
class Judged:
    """One arm: what its name promises, in how many cells that holds, and how many of its weights are trained.

    `not_true` and `not_trained` say why it could not be asked in some cell; `weights` is None where in all.
    """

    axis: str
    choice: str
    says: str | None
    cells: int
    holds: int = 0
    weights: int | None = None
    not_true: str | None = None
    not_trained: str | None = None
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
    seen = [place for place in places if place]
    if not seen:
        return ""
    return f" ({seen[0]})" if len(seen) == 1 else f" ({seen[0]}, and {len(seen) - 1} more)"


def context(run: Run, axis: str) -> str:
    """The other axes' choices of a cell."""
    rest = {key: choice for key, choice in run.cell.items() if key != axis}
    return record.label(rest) if rest else ""


def compare(arms: Arms, pairs: list[tuple[Run, Run]], build: Build) -> Compared:
    """Alive and clean, of two arms in the given pairs of cells."""
    result = Compared(arms)
    for first, second in pairs:
        a, b, place = build(first), build(second), context(first, arms.axis)
        difference, not_alive = ask(alive.difference, a, b)
        result.difference = result.difference or difference
        result.not_alive = result.not_alive or not_alive
        if not (difference or not_alive):
            result.dead.append(place)
        strange, not_clean = ask(lambda a, b: list(clean.faults(arms.axis, a, b)), a, b)
        result.not_clean = result.not_clean or not_clean
        for fault in strange or ():
            result.unclean.setdefault(fault, []).append(place)
    return result


def judge(axis: str, choice: str, runs: list[Run], build: Build) -> Judged:
    """True to its name and trainable, of one arm in the given cells."""
    claim = promise_of(axis, choice)
    result = Judged(axis, choice, claim.says if claim else None, len(runs))
    for run in runs:
        cell, place = build(run), context(run, axis)
        fault, not_true = ask(claim.fault, cell) if claim else (None, "it promises nothing")
        result.not_true = result.not_true or not_true
        if fault:
            result.untrue.setdefault(fault, []).append(place)
        result.holds += not (fault or not_true)
        idle, not_trained = ask(untrained, cell)
        result.not_trained = result.not_trained or not_trained
        if idle is not None:
            result.weights = max(result.weights or 0, len(cell.parameters))
        for name in idle or ():
            result.idle.setdefault(name, []).append(place)
    return result


def doubles(twins: list[Run], runs: list[Run]) -> list[str]:
    """Arms whose configuration is exactly that of another arm, so that both would be the same run."""
    cells = {run.id: run.cell for run in runs}
    found: dict[str, None] = {}
    for twin in twins:
        for axis, choice in twin.cell.items():
            if (other := cells[twin.id][axis]) != choice:
                found[f"{axis}={choice} is dead: its configuration is exactly that of {axis}={other}"] = None
    return list(found)


def unpaired(cells: list[Built]) -> list[str]:
    """Why arms cannot be compared seed by seed, though their seeds are the same; nothing when they can."""
    draws = [fault for cell in cells if (fault := paired.draw_fault(cell))]
    first = paired.order(cells[0])
    same_seed = [cell for cell in cells[1:] if cell.run.seed == cells[0].run.seed]
    moved = [
        f"{record.label(cell.run.cell)} sees the images in another order"
        for cell in same_seed
        if not paired.order(cell).equal(first)
    ]
    return list(dict.fromkeys(draws)) + moved
