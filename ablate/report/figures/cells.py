"""The metric of each cell: mean, interval, and every seed."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ablate.report.figures.layout import rows
from ablate.report.figures.scale import values_along
from ablate.report.figures.style import COLORS, MUTED, styled
from ablate.report.findings import Findings
from ablate.report.measure import Measure
from ablate.report.numbers.cells import plain

MOST = 120  # rows; more are in the table


@styled
def cells(found: Findings) -> Figure | None:
    """What was measured: a dot and a line for mean and 95 % interval, small rings for the seeds."""
    measure = found.measure
    shown = plain(found.cells, measure.name).head(MOST)
    if not shown["n"].any():
        return None
    figure, axes = rows(list(shown["cell"]), found.grid.axes, height=0.25)
    columns = {cell: number for number, cell in enumerate(found.grid.cells)}
    for y, row in enumerate(shown.itertuples()):
        seeds = measure.scale * found.grid.values[:, columns[row.cell]]
        axes.plot(
            seeds,
            np.full(len(seeds), y + 0.22),
            "o",
            color=MUTED,
            markerfacecolor="none",
            markersize=3,
            markeredgewidth=0.7,
        )
        if not np.isnan(row.low):
            axes.plot(measure.scale * _ends([row.low, row.high], measure), [y, y], color=COLORS[0], linewidth=1.6)
        if row.n:
            axes.plot(measure.scale * row.mean, y, "o", color=COLORS[0], markersize=4.5)
        else:
            axes.annotate(
                "failed" if row.failed else "to come",
                (0.01, y),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8,
                color=MUTED,
            )
    ends = _ends(shown[["low", "high"]].to_numpy(float), measure)
    values = measure.scale * np.concatenate([found.grid.values.ravel(), ends.ravel()])
    values_along(axes, "x", values, measure)
    return figure


def _ends(interval: ArrayLike, measure: Measure) -> np.ndarray:
    """An interval of a fraction ends at 0 and 1."""
    ends = np.asarray(interval, dtype=float)
    return ends.clip(0, 1) if measure.is_fraction else ends
