"""Draws docs/few-seeds.png: how wide an interval is by the number of seeds, arms and by method.

python tests/report/few_seeds.py
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ablate.report.figures.style import WIDTH, look, styled
from ablate.report.numbers.blocks import spread
from ablate.report.numbers.method import FEW
from ablate.report.numbers.paired import estimate, told

FILE = Path(__file__).resolve().parents[2] / "docs/few-seeds.png"
SEEDS = range(2, 8)
ARMS = (3, 4, 6)


def half(values: np.ndarray, alone: bool) -> float:
    """Median half-width between two arms of equally steady ones, (studies, seeds, arms)."""
    differences = values[..., 0] - values[..., 1]
    found = estimate(differences, 0.0)
    if not alone:
        variance, df = spread(values, 0, 1)
        found = told(found.mean, found.sd, np.sqrt(variance / values.shape[-2]), df, 0.0)
    return float(np.median(found.high - found.low) / 2)


@styled
def draw(studies: int = 20_000) -> Figure:
    rng = np.random.default_rng(0)
    figure = Figure(figsize=(WIDTH, 3.0))
    axes = figure.subplots()
    for number, arms in enumerate((2, *ARMS)):
        every = [half(rng.standard_normal((studies, n, max(arms, 3))), alone=arms == 2) for n in SEEDS]
        title = "paired: two arms alone" if arms == 2 else f"with the others of {arms} arms"
        axes.plot(SEEDS, every, label=title, markersize=4, **look(number))
    axes.axvspan(SEEDS[0] - 0.3, FEW + 0.5, color="#a9a9aa", alpha=0.2, linewidth=0)
    axes.set_yscale("log")
    axes.set_yticks([1, 2, 5, 10], ["1", "2", "5", "10"])
    axes.minorticks_off()
    axes.set_xlabel("seeds (grey: where report.method=auto asks the others)")
    axes.set_ylabel("half-width of the 95 % interval,\nin sd of a run")
    axes.legend()
    return figure


if __name__ == "__main__":
    draw().savefig(FILE, dpi=150)
    print(FILE)
