"""Do the cells that are left hold the best one? Made-up studies of known truth.

    python tests/report/best.py [REPEATS]      prints the table

All cells are equally good, so each is the best: a row says how often the cell that fares worst is among those
that are left. Then one cell after the other is worse by 0.8 times the noise of a run, and the row says how many
are left.
"""

import itertools
import sys

import numpy as np

from ablate.report.numbers.best import best_cells

DESIGNS = {"2": (2,), "4": (4,), "2 x 2": (2, 2), "2 x 3 x 2": (2, 3, 2), "4 x 4": (4, 4)}
SEEDS = (2, 3, 5, 10)
STEP = 0.8
SITUATIONS: dict[str, dict[str, float]] = {  # all in units of the noise of a run
    "equally steady": {},
    "10 times apart": {"apart": 10},
    "5 times apart, a part shared by a seed": {"apart": 5, "shared": 1},
    "a part shared by a seed's runs of one arm": {"arm": 1},
    "heavy tails": {"apart": 3, "shared": 0.5, "arm": 0.15, "tails": 3},
    "skewed": {"apart": 3, "shared": 0.5, "arm": 0.15, "skewed": 1},
}


def noise(
    rng: np.random.Generator,
    repeats: int,
    seeds: int,
    axes: tuple[int, ...],
    *,
    apart: float = 1,
    shared: float = 0,
    arm: float = 0,
    tails: float = 0,
    skewed: float = 0,
) -> np.ndarray:
    """What runs add to the truth of their cells, (repeats, seeds, cells); `tails` is the df of a t."""
    cells = list(itertools.product(*map(range, axes)))
    shape = repeats, seeds, len(cells)
    own = rng.standard_normal(shape)
    if tails:
        own = rng.standard_t(tails, shape) / (tails / (tails - 2)) ** 0.5
    if skewed:  # most runs a little better than the mean, a few much worse
        own = 1 - rng.exponential(size=shape)
    steadiness = np.geomspace(1, apart, len(cells))
    found = steadiness / np.sqrt(np.square(steadiness).mean()) * own
    found += shared * rng.standard_normal((repeats, seeds, 1))
    for axis, arms in enumerate(axes):
        found += arm * rng.standard_normal((repeats, seeds, arms))[..., [cell[axis] for cell in cells]]
    return found


def table(repeats: int) -> list[tuple[str, int, str, float, float]]:
    """A row for each design, number of seeds and situation: (..., share that holds the best, cells left)."""
    rng, rows = np.random.default_rng(8), []
    for design, axes in DESIGNS.items():
        ladder = -STEP * np.arange(np.prod(axes))
        for seeds in SEEDS:
            for situation, kind in SITUATIONS.items():
                values = noise(rng, repeats, seeds, axes, **kind)
                held = float(best_cells(values).possible.mean(0).min())
                left = float(best_cells(values + ladder).possible.sum(-1).mean())
                rows.append((design, seeds, situation, held, left))
    return rows


if __name__ == "__main__":
    for design, seeds, situation, held, left in table(int(sys.argv[1]) if len(sys.argv) > 1 else 2000):
        print(f"{design:10} {seeds:3} seeds  {situation:42} holds the best {100 * held:5.1f} %   {left:4.1f} left")
