"""The accuracy of each cell: mean, interval, and every seed."""

import numpy as np
from matplotlib.figure import Figure

from ablate.report.figures.layout import rows
from ablate.report.figures.scale import accuracies
from ablate.report.figures.style import COLORS, MUTED, styled
from ablate.report.findings import Findings

MOST = 120  # rows; more are in the table


@styled
def cells(found: Findings) -> Figure | None:
    """Test accuracy in per cent: a dot and a line for mean and 95 % interval, small rings for the seeds."""
    shown = found.cells.head(MOST)
    if not shown["n"].any():
        return None
    figure, axes = rows(list(shown["cell"]), found.grid.axes, height=0.25)
    columns = {cell: number for number, cell in enumerate(found.grid.cells)}
    for y, row in enumerate(shown.itertuples()):
        seeds = 100 * found.grid.values[:, columns[row.cell]]
        axes.plot(
            seeds,
            np.full(len(seeds), y + 0.22),
            "o",
            color=MUTED,
            markerfacecolor="none",
            markersize=3,
            markeredgewidth=0.7,
        )
        if not np.isnan(row.test_acc_low):
            ends = np.clip([row.test_acc_low, row.test_acc_high], 0, 1)
            axes.plot(100 * ends, [y, y], color=COLORS[0], linewidth=1.6)
        if row.n:
            axes.plot(100 * row.test_acc_mean, y, "o", color=COLORS[0], markersize=4.5)
        else:
            axes.annotate(
                "failed" if row.failed else "to come",
                (0.01, y),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8,
                color=MUTED,
            )
    ends = shown[["test_acc_low", "test_acc_high"]].to_numpy(float).clip(0, 1)
    accuracies(axes, "x", 100 * np.concatenate([found.grid.values.ravel(), ends.ravel()]))
    return figure
