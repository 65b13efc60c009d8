"""Which cells show what an arm does: two that differ in one axis only."""

from dataclasses import dataclass
from itertools import combinations

from ablate.study.runs import Run, cells


@dataclass(frozen=True)
class Arms:
    """Two choices of one axis, and the pairs of cells that differ in nothing else."""

    axis: str
    a: str
    b: str
    pairs: list[tuple[Run, Run]]

    @property
    def name(self) -> str:
        return f"{self.axis}={self.a},{self.b}"


def arms(runs: list[Run]) -> list[Arms]:
    """Every pair of choices of every axis, in the order in which the runs come.

    The first pairs of all arms take as few cells as possible: in a full grid, each has the first cell in it.
    """
    found = cells(runs)
    result = []
    for axis in runs[0].cell if runs else ():
        choices = list(dict.fromkeys(run.cell[axis] for run in found.values()))
        for a, b in combinations(choices, 2):
            left = [run for run in found.values() if run.cell[axis] == a]
            with_b = [(run, found.get(tuple(sorted((run.cell | {axis: b}).items())))) for run in left]
            result.append(Arms(axis, a, b, [(x, y) for x, y in with_b if y is not None]))
    return result
