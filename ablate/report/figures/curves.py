"""How the runs learned: the metric over epochs, mean and range over the seeds."""

from collections import Counter

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ablate.report.figures.layout import MARGIN, legend
from ablate.report.figures.style import RULE, WIDTH, look, styled
from ablate.report.findings import Findings
from ablate.report.measure import Measure, history_of
from ablate.report.numbers.effect import effects

MOST = 6  # lines in a panel; with more cells than this there is a panel for each axis instead


@styled
def curves(found: Findings, histories: pd.DataFrame) -> Figure | None:
    """`histories` has a row for each epoch of a run (cell, seed, epoch, value); bands reach over all seeds."""
    if histories.empty:
        return None
    said = history_of(found.measure)
    cells = list(dict.fromkeys(histories["cell"]))
    varied = [axis for axis in found.grid.axes if len(found.grid.levels[axis]) > 1]
    if len(cells) <= MOST or not varied:
        figure = Figure(figsize=(WIDTH, 3.2))
        names = [" ".join(cell) or "all runs" for cell in histories["cell"]]
        more = _panel(figure.add_subplot(), histories.assign(line=names), ", ".join(varied), WIDTH - MARGIN, said)
        figure.set_figheight(3.2 + more)
        return figure
    arms = {axis: part for axis in varied if not (part := of_arms(found, histories, axis)).empty}
    if not arms:
        return None
    columns = min(2, len(arms))
    lines = -(-len(arms) // columns)
    figure = Figure(figsize=(WIDTH, 2.7 * lines))
    room = WIDTH / columns - MARGIN
    heights = [
        _panel(figure.add_subplot(lines, columns, place + 1), part, axis, room, said)
        for place, (axis, part) in enumerate(arms.items())
    ]
    figure.set_figheight((2.7 + max(heights)) * lines)
    return figure


def of_arms(found: Findings, histories: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Mean over the cells of each arm that the verdict compares; a seed counts where all of them have a run."""
    number, order = found.grid.axes.index(axis), found.grid.levels[axis]
    weights = [row.weights for row in effects(found.effects) if row.axes == (axis,)]
    used = np.any(weights, axis=0) if weights else np.ones(len(found.grid.cells), dtype=bool)
    cells = [cell for cell, there in zip(found.grid.cells, used, strict=True) if there]
    part = histories[histories["cell"].isin(cells)]
    part = part.assign(line=[cell[number] for cell in part["cell"]])
    means = part.groupby(["line", "seed", "epoch"], as_index=False)["value"].agg(["mean", "count"])
    whole = means[means["count"] == means["line"].map(Counter(cell[number] for cell in cells))]
    return whole.rename(columns={"mean": "value"}).sort_values(
        "line", key=lambda column: column.map(order.index), kind="stable"
    )


def _panel(axes: Axes, histories: pd.DataFrame, title: str, room: float, said: Measure) -> float:
    """Draws a panel; returns the height that its legend takes beyond two lines."""
    for number, (name, part) in enumerate(histories.groupby("line", sort=False)):
        by_epoch = part.groupby("epoch")["value"]
        epochs, mean = by_epoch.mean().index.to_numpy(), said.scale * by_epoch.mean().to_numpy()
        style = look(number)
        every = max(1, len(epochs) // 8)
        axes.plot(epochs, mean, **style, markersize=4, markevery=every, linewidth=1.2, label=name)
        low, high = said.scale * by_epoch.min().to_numpy(), said.scale * by_epoch.max().to_numpy()
        axes.fill_between(epochs, low, high, color=style["color"], alpha=0.2, linewidth=0)
    _zoom(axes, histories, said)
    axes.set_xlabel("epoch")
    axes.set_ylabel(said.label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color=RULE, linewidth=0.4, alpha=0.6)
    return legend(axes, title, room)


def _zoom(axes: Axes, histories: pd.DataFrame, said: Measure) -> None:
    """The first epochs are far worse than the others and would squeeze them, so the median sets the worse end."""
    scale = said.sign * said.scale
    values = scale * histories["value"].to_numpy(float)
    last = scale * histories[histories["epoch"] == histories["epoch"].max()]["value"].to_numpy(float)
    low, high = min(np.median(values), last.min()), values.max()
    room = 0.1 if said.is_fraction else 1e-9 + 0.02 * (high - low)
    ends = low - 0.5 * (high - low) - room, high + 0.05 * (high - low) + room
    axes.set_ylim(*sorted(said.sign * end for end in ends))
