"""What accuracy costs, and which cells nothing cheaper beats."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from ablate.report.figures.style import COLORS, MUTED, RULE, WIDTH, styled
from ablate.report.findings import Findings
from ablate.report.short import si

COSTS = {"flops_per_image": "FLOPs an image", "train_s": "seconds of training"}
NAMED = 8  # cells of the front that get their name


def pareto(cost: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """Indices of the points that no other beats in both, the cheapest first, (n,) and (n,) -> (front,)."""
    order = np.lexsort((-accuracy, cost))
    best = np.maximum.accumulate(accuracy[order])
    ahead = np.concatenate([[True], best[1:] > best[:-1]])
    return order[ahead]


@styled
def cost(found: Findings) -> Figure | None:
    """Test accuracy against FLOPs and against measured seconds; the line joins the Pareto front."""
    there = found.cells[found.cells["n"] > 0]
    known = {field: name for field, name in COSTS.items() if there[field].notna().any()}
    if len(there) < 2 or not known:
        return None
    figure = Figure(figsize=(WIDTH, 3.0))
    for place, (field, name) in enumerate(known.items()):
        axes = figure.add_subplot(1, len(known), place + 1)
        _panel(axes, there.dropna(subset=[field]), field)
        axes.set_xlabel(name)
    figure.axes[0].set_ylabel("test accuracy, %")
    return figure


def _panel(axes: Axes, cells: pd.DataFrame, field: str) -> None:
    x, y = cells[field].to_numpy(float), 100 * cells["test_acc_mean"].to_numpy(float)
    front = pareto(x, y)
    beaten = np.setdiff1d(np.arange(len(x)), front)
    axes.plot(x[beaten], y[beaten], "o", color=MUTED, markerfacecolor="none", markersize=4)
    axes.plot(x[front], y[front], "s-", color=COLORS[0], markersize=5, linewidth=1.2, drawstyle="steps-post")
    for i in front[-NAMED:]:
        name = " ".join(cells["cell"].iloc[i])
        axes.annotate(name, (x[i], y[i]), xytext=(4, -9), textcoords="offset points", fontsize=7.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: si(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.15, y=0.12)
    axes.grid(color=RULE, linewidth=0.4, alpha=0.6)
