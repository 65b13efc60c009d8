"""How the effect of one axis changes with another: lines that are not parallel."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablate.report.figures.fonts import wrapped
from ablate.report.figures.layout import MARGIN, arms, legend
from ablate.report.figures.style import RULE, WIDTH, look, styled
from ablate.report.findings import Findings
from ablate.report.numbers.paired import estimate

MOST = 6  # panels: the pairs of axes with the surest interactions


@styled
def interactions(found: Findings) -> Figure | None:
    """A panel for two axes: mean over all other cells, with 95 % intervals over the seeds."""
    surest = found.interactions.groupby("axes", sort=False)["p"].min().fillna(1.0)
    pairs = list(surest.sort_values(kind="stable").index)[:MOST]
    if not pairs:
        return None
    columns = min(2, len(pairs))
    lines = -(-len(pairs) // columns)
    figure = Figure(figsize=(WIDTH, 2.7 * lines))
    room, more = WIDTH / columns - MARGIN, 0.0
    for place, (one, two) in enumerate(pairs):
        # The axis with more choices runs along; the other has a line for each.
        along, apart = (one, two) if len(found.grid.levels[one]) > len(found.grid.levels[two]) else (two, one)
        more = max(more, _panel(figure.add_subplot(lines, columns, place + 1), found, along, apart, room))
    figure.set_figheight((2.7 + more) * lines)
    return figure


def _panel(axes: Axes, found: Findings, along: str, apart: str, room: float) -> float:
    """Draws a panel `room` inches wide; returns the height that its names take beyond the usual."""
    grid, scale = found.grid, found.measure.scale
    x, by = grid.axes.index(along), grid.axes.index(apart)
    choices = grid.levels[along]
    for number, line in enumerate(grid.levels[apart]):
        means, lows, highs = [], [], []
        for arm in choices:
            cells = [i for i, cell in enumerate(grid.cells) if cell[x] == arm and cell[by] == line]
            seeds = grid.values[:, cells].mean(1) if cells else np.array([np.nan])
            here = estimate(seeds[~np.isnan(seeds)], margin=0.0)
            means.append(scale * here.mean)
            lows.append(scale * (here.mean - here.low))
            highs.append(scale * (here.high - here.mean))
        shift = 0.06 * (number - (len(grid.levels[apart]) - 1) / 2)
        errors = np.nan_to_num(np.array([lows, highs], dtype=float))
        axes.errorbar(
            np.arange(len(choices)) + shift,
            means,
            errors,
            **look(number),
            markersize=4.5,
            linewidth=1.2,
            capsize=2,
            label=line,
        )
    more = arms(axes, choices, room)
    axes.set_xlim(-0.4, len(choices) - 0.6)
    axes.set_xlabel(wrapped(along, room))
    axes.set_ylabel(found.measure.label)
    axes.grid(axis="y", color=RULE, linewidth=0.4, alpha=0.6)
    return more + legend(axes, apart, room)
