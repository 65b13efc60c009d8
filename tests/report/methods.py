"""Do the intervals of each method hold their level, and how wide are they? Made-up studies of known truth.

    python tests/report/methods.py [REPEATS]      prints the table

No arm has an effect, so each interval should hold zero, and no study should call one arm better. A row is a design
with a number of seeds, the worst of all situations; the pairs are those of the axes with three arms or more, where
the methods differ. Widths are held against those of the paired t on the same data.
"""

import itertools
import sys
from collections.abc import Iterator

import best
import numpy as np

from ablate.report.numbers.blocks import spread
from ablate.report.numbers.method import PAIRED, SATTERTHWAITE
from ablate.report.numbers.paired import ALPHA, Estimate, estimate, holm, told

DESIGNS = {
    "3": (3,),
    "4": (4,),
    "6": (6,),
    "3 x 2": (3, 2),
    "2 x 3 x 2": (2, 3, 2),
    "4 x 4": (4, 4),
    "3 x 3 x 3": (3, 3, 3),
    "2 x 2 x 3 x 2": (2, 2, 3, 2),
}
SEEDS = (2, 3, 5)
SITUATIONS: dict[str, dict[str, float]] = best.SITUATIONS | {
    "10 times apart, parts shared": {"apart": 10, "shared": 1, "arm": 0.3},
    "one axis alone has a part shared by a seed's runs of one arm": {"arm": 1, "alone": 1},
    "the same, three times the noise": {"arm": 3, "alone": 1},
    "one arm 5 times less steady": {"bad": 1, "shared": 1},
    "two arms 5 times less steady": {"bad": 2, "shared": 1},
    "counts of 10,000 images": {"apart": 3, "shared": 0.5, "arm": 0.2, "images": 10_000},
}


def runs(
    rng: np.random.Generator,
    repeats: int,
    seeds: int,
    axes: tuple[int, ...],
    *,
    alone: float = 0,
    bad: float = 0,
    images: int = 0,
    **kind: float,
) -> np.ndarray:
    """Results of cells that are all equally good, (repeats, seeds, cells); `bad` arms of the largest axis."""
    cells = list(itertools.product(*map(range, axes)))
    largest = max(range(len(axes)), key=lambda a: axes[a])
    if alone:  # the part of an arm is on the largest axis only
        arm = kind.pop("arm")
        found = best.noise(rng, repeats, seeds, axes, **kind)
        parts = rng.standard_normal((repeats, seeds, axes[largest]))
        return found + arm * parts[..., [cell[largest] for cell in cells]]
    if bad:
        shared = kind.pop("shared") * rng.standard_normal((repeats, seeds, 1))
        steadiness = [5 if cell[largest] < bad else 1 for cell in cells]
        return best.noise(rng, repeats, seeds, axes, **kind) * steadiness + shared
    found = best.noise(rng, repeats, seeds, axes, **kind)
    if images:  # a run's noise is 0.06 points of an accuracy near 98.5 %
        share = np.clip(0.985 + 0.0006 * found, 0.9, 0.9999)
        found = rng.binomial(images, share) / images / 0.0006
    return found


def means(values: np.ndarray, axes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """The arms' means of each axis with three arms or more, (repeats, seeds, arms)."""
    cells = list(itertools.product(*map(range, axes)))
    for axis, arms in enumerate(axes):
        if arms > 2:
            members = [[i for i, cell in enumerate(cells) if cell[axis] == arm] for arm in range(arms)]
            yield np.stack([values[..., part].mean(-1) for part in members], -1)


def estimates(values: np.ndarray, axes: tuple[int, ...], method: str) -> list[Estimate]:
    found = []
    for arms in means(values, axes):
        for one, other in itertools.combinations(range(arms.shape[-1]), 2):
            differences = arms[..., one] - arms[..., other]
            plain = estimate(differences, 0.0)
            if method == PAIRED:
                found.append(plain)
            else:
                variance, df = spread(arms, one, other)
                found.append(told(plain.mean, plain.sd, np.sqrt(variance / arms.shape[-2]), df, 0.0))
    return found


def judged(found: list[Estimate]) -> tuple[np.ndarray, float, np.ndarray]:
    """Coverage of each pair, share of studies with a wrong better or worse, median half-width of each pair.

    Counts of images give now and then one and the same difference with each seed: no interval, nothing to count.
    """
    inside = [np.nanmean(np.where(np.isnan(e.low), np.nan, (e.low <= 0) & (e.high >= 0))) for e in found]
    wrong = (holm(np.stack([e.p for e in found], -1)) < ALPHA).any(-1).mean()
    return np.array(inside), float(wrong), np.array([np.nanmedian(e.high - e.low) / 2 for e in found])


def table(repeats: int) -> Iterator[tuple[str, int, str, str, np.ndarray, float, np.ndarray]]:
    """(design, seeds, situation, method, coverage of each pair, wrong studies, width of each against paired)."""
    rng = np.random.default_rng(15)
    for design, axes in DESIGNS.items():
        for seeds in SEEDS:
            for situation, kind in SITUATIONS.items():
                values = runs(rng, repeats, seeds, axes, **kind)
                widths = None
                for method in (PAIRED, SATTERTHWAITE):
                    cover, wrong, half = judged(estimates(values, axes, method))
                    widths = half if widths is None else widths
                    yield design, seeds, situation, method, cover, wrong, half / widths


def summed(repeats: int) -> Iterator[str]:
    """A line for each design and number of seeds, as Markdown: skewed errors on their own."""
    heads = ["axes", "seeds", "method", "all", "worst", "wrong", "skewed: all, worst, wrong", "width", "widest"]
    yield f"| {' | '.join(heads)} |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for (design, seeds), rows in itertools.groupby(table(repeats), key=lambda row: row[:2]):
        every = list(rows)
        for method in (PAIRED, SATTERTHWAITE):
            mine = [row for row in every if row[3] == method]
            plain, skewed = ([r for r in mine if (r[2] == "skewed") == s] for s in (False, True))
            (all_, worst, wrong), (sall, sworst, swrong) = map(worst_of, (plain, skewed))
            width = float(np.mean([row[6].mean() for row in mine]))
            widest = max(float(row[6].max()) for row in mine)
            yield (
                f"| {design} | {seeds} | {method} | {all_:.1f} | {worst:.1f} | {wrong:.1f} | "
                f"{sall:.1f}, {sworst:.1f}, {swrong:.1f} | x{width:.2f} | x{widest:.2f} |"
            )


def worst_of(rows: list[tuple]) -> tuple[float, float, float]:
    """Per cent: the least coverage of all pairs together, of one pair, and the most wrong studies."""
    return (
        100 * min(float(row[4].mean()) for row in rows),
        100 * min(float(row[4].min()) for row in rows),
        100 * max(row[5] for row in rows),
    )


if __name__ == "__main__":
    for line in summed(int(sys.argv[1]) if len(sys.argv) > 1 else 3000):
        print(line, flush=True)
