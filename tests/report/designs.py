"""Does the verdict hold its level in studies that are no whole factorial? Made-up ones, judged as by a report.

    python tests/report/designs.py [REPEATS [WORDS]]    prints the table, or its rows that have these words in it

No arm has an effect, so each interval should hold zero, and no study should call one arm better. Where runs are
missing, each is there with 85 %. Simple effects are those within each arm of another axis. A row has the worst of
all situations.
"""

import itertools
import sys
from collections.abc import Iterator
from typing import NamedTuple

import best
import methods
import numpy as np

from ablate.report.numbers.contrasts import Contrast, interactions, main_effects, simple_effects
from ablate.report.numbers.grid import Grid, filled
from ablate.report.numbers.method import AUTO, PAIRED, effects_frame
from ablate.study.design.cells import design

ARMS = {"a": ["a0", "a1", "a2"], "b": ["b0", "b1", "b2"], "c": ["c0", "c1"]}
TWO = {axis: arms[:2] for axis, arms in ARMS.items()} | {"d": ["d0", "d1"]}
BASELINE = {axis: arms[0] for axis, arms in TWO.items()}
SEEDS = (2, 3, 5)
MARGIN = 0.01


class Kind(NamedTuple):
    """A kind of study: its arms, how `sweep` asks for its cells, the share of its runs that are there."""

    arms: dict[str, list[str]]
    asked: dict[str, object]
    there: float = 1.0
    simple: bool = False


KINDS = {
    "3 x 3 x 2, runs missing": Kind(ARMS, {"kind": "full"}, there=0.85),
    "3 x 3 x 2, simple effects": Kind(ARMS, {"kind": "full"}, simple=True),
    "3 + 3 + 2, one at a time": Kind(ARMS, {"kind": "one_at_a_time"}),
    "3 + 3 + 2, one at a time, runs missing": Kind(ARMS, {"kind": "one_at_a_time"}, there=0.85),
    "3 x 2, of them two zipped": Kind(ARMS, {"kind": "full", "zipped": ["a", "b"]}),
    "2 x 2 x 2 x 2, a fraction": Kind(TWO, {"kind": "fraction"}),
}


def cells_of(kind: Kind) -> list[dict[str, str]]:
    baseline = {axis: BASELINE[axis] for axis in kind.arms}
    return design(kind.arms, baseline, **kind.asked).cells  # type: ignore[arg-type]


def studies(kind: Kind, repeats: int, seeds: int, rng: np.random.Generator, **situation: float) -> Iterator[Grid]:
    """Studies of that kind in which all cells are equally good."""
    axes = tuple(len(arms) for arms in kind.arms.values())
    every = list(itertools.product(*kind.arms.values()))
    values = methods.runs(rng, repeats, seeds, axes, **situation)
    cells = [tuple(cell[axis] for axis in kind.arms) for cell in cells_of(kind)]
    columns = [every.index(cell) for cell in cells]
    asked = [(cell, seed) for cell in cells for seed in range(seeds)]
    for study in values[..., columns]:
        is_there = rng.random(study.shape) < kind.there
        yield filled(
            kind.arms,
            asked,
            [
                (cell, seed, float(study[seed, n]))
                for n, cell in enumerate(cells)
                for seed in range(seeds)
                if is_there[seed, n]
            ],
        )


def contrasts_of(kind: Kind, grid: Grid) -> list[Contrast]:
    against = {axis: BASELINE[axis] for axis in kind.arms} if kind.asked["kind"] == "one_at_a_time" else None
    mains = main_effects(grid, against)
    if not kind.simple:
        return mains
    return [effect for both in interactions(grid, mains)[:4] for effect in simple_effects(grid, both)]


class Seen(NamedTuple):
    """Of one situation: contrasts by name -> (inside, of how many), and the share of studies with a wrong word."""

    inside: dict[str, list[bool]]
    wrong: list[bool]


def seen(kind: Kind, method: str, grids: list[Grid]) -> Seen:
    inside: dict[str, list[bool]] = {}
    wrong = []
    contrasts = contrasts_of(kind, grids[0])
    for grid in grids:
        frame = effects_frame(grid, contrasts, MARGIN, method)
        for name, low, high in zip(frame["name"], frame["low"], frame["high"], strict=True):
            if not np.isnan(low):
                inside.setdefault(name, []).append(low <= 0 <= high)
        wrong.append(bool(frame["verdict"].isin(["better", "worse"]).any()))
    return Seen(inside, wrong)


def row(name: str, seeds: int, method: str, rng: np.random.Generator, repeats: int) -> str:
    kind = KINDS[name]
    found = {
        situation: seen(kind, method, list(studies(kind, repeats, seeds, rng, **words)))
        for situation, words in best.SITUATIONS.items()
    }
    plain, skewed = ([one for what, one in found.items() if (what == "skewed") == s] for s in (False, True))
    told = [[100 * share for share in worst(ones)] for ones in (plain, skewed)]
    return (
        f"| {name} | {seeds} | {method} | {told[0][0]:.1f} | {told[0][1]:.1f} | {told[0][2]:.1f} | "
        f"{', '.join(f'{share:.1f}' for share in told[1])} |"
    )


def worst(ones: list[Seen]) -> tuple[float, float, float]:
    """The least coverage of all contrasts together, of one contrast, and the most wrong studies."""
    every = [np.mean([hit for hits in one.inside.values() for hit in hits]) for one in ones]
    each = [np.mean(hits) for one in ones for hits in one.inside.values()]
    return float(min(every)), float(min(each)), float(max(np.mean(one.wrong) for one in ones))


def table(repeats: int, of: str = "") -> Iterator[str]:
    yield "| study | seeds | method | all | worst | wrong | skewed: all, worst, wrong |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
    for name, seeds in itertools.product([name for name in KINDS if of in name], SEEDS):
        for method in (PAIRED, AUTO):
            yield row(name, seeds, method, np.random.default_rng([15, seeds]), repeats)


if __name__ == "__main__":
    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 400, *sys.argv[2:]):
        print(line, flush=True)
