"""Values tuned in the same way for every arm: the candidates, and the one that is chosen for each cell.

Pure functions on records. Tuning of our own training never sees test data: its runs have none, and only `val_acc`
is read. A program has a metric of its own for it. A cell is {axis: choice}, the values of a candidate are
{key: value}; all are text, as on the command line.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ablate.records.metric import MINIMIZE, MetricFacts
from ablate.records.run_record import RunRecord, label
from ablate.records.study_plan import Chosen
from ablate.study.design.cells import Cell

Values = dict[str, str]
Candidates = Mapping[str, Sequence[object]]  # of each key
Found = Mapping[tuple[tuple[tuple[str, str], ...], int], RunRecord]  # by cell and seed
VAL_ACC = "val_acc"
FIRST_SEED = 1000  # of tuning; seeds of verdicts count from 0


def candidates(tune: Candidates) -> list[Values]:
    """`{optim.lr: [1e-3, 4e-3]}` -> every combination, in the order given.

    Raises ValueError for a key without two values: there is nothing to choose.
    """
    for key, values in tune.items():
        if isinstance(values, str) or not isinstance(values, Iterable) or len(set(map(str, values))) < 2:
            raise ValueError(
                f"sweep.tune: {key} needs two values or more to choose from, as in {key}: [1e-3, 4e-3]"
            )
    return [dict(zip(tune, map(str, values), strict=True)) for values in itertools.product(*tune.values())]


def tuning_seeds(used: Iterable[int], count: int) -> list[int]:
    """The first `count` seeds from 1000 on that no run of the verdict uses."""
    taken = set(used)
    return list(itertools.islice((seed for seed in itertools.count(FIRST_SEED) if seed not in taken), count))


def choose(
    records: Iterable[RunRecord],
    cells: Sequence[Cell],
    tune: Candidates,
    seeds: Sequence[int],
    by: MetricFacts | None = None,
) -> list[Chosen]:
    """For each cell the candidate with the best mean over all tuning seeds; ties to the first.

    The mean is of validation accuracy, or of the metric `by` of a program.

    `records` are those of the tuning study, whose cells have the tuned keys besides the axes. A candidate counts
    only with every seed done; one with a failed run is out, and named. Raises ValueError, one line, for a cell of
    which no candidate is left, or that still waits for a run.
    """
    found = {(key(run.cell), run.seed): run for run in records}
    return [_best(cell, candidates(tune), list(seeds), found, tune, by) for cell in cells]


def key(cell: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """A cell whatever the order of its axes."""
    return tuple(sorted((axis, str(choice)) for axis, choice in cell.items()))


def score(run: RunRecord, by: MetricFacts | None) -> float:
    name = by.name if by else VAL_ACC
    found = run.metrics.get(name)
    if found is None:
        raise ValueError(f"tuning of {label(run.cell)}: the record of {run.id} has no {name}")
    return found


def _best(
    cell: Cell, tried: list[Values], seeds: list[int], found: Found, tune: Candidates, by: MetricFacts | None
) -> Chosen:
    means: dict[int, float] = {}
    failed = []
    for number, values in enumerate(tried):
        runs = [found.get((key(cell | values), seed)) for seed in seeds]
        if any(run is not None and run.state == "failed" for run in runs):
            failed.append(values)
        elif all(run is not None and run.state == "done" for run in runs):
            means[number] = sum(score(run, by) for run in runs if run) / len(seeds)
        else:
            waiting = [seed for seed, run in zip(seeds, runs, strict=True) if run is None or run.state != "done"]
            raise ValueError(f"tuning of {label(cell)}: {label(values)} still waits for seed={waiting[0]}")
    if not means:
        raise ValueError(
            f"tuning of {label(cell)}: every value of {', '.join(tune)} failed; try others in sweep.tune"
        )
    sign = -1 if by and by.direction == MINIMIZE else 1
    best = max(means, key=lambda number: (sign * means[number], -number))
    edge = [name for name, values in tune.items() if _at_edge(tried[best][name], values)]
    chosen = Chosen(cell=cell, values=tried[best], edge=edge, failed=failed)
    return replace(chosen, score=means[best]) if by else replace(chosen, val_acc=means[best])


def _at_edge(value: str, values: Sequence[object]) -> bool:
    try:
        numbers = sorted({float(str(v)) for v in values})
        return len(numbers) > 2 and float(value) in (numbers[0], numbers[-1])
    except (TypeError, ValueError):
        return False
