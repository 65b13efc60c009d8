"""What a better cell costs, and which cells are not beaten by any cheaper one."""

import string

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ablate.report.figures.fonts import wrapped
from ablate.report.figures.layout import LINE, in_columns
from ablate.report.figures.scale import values_along
from ablate.report.figures.style import COLORS, MUTED, RULE, WIDTH, styled
from ablate.report.findings import Findings
from ablate.report.measure import Measure
from ablate.report.numbers.cells import plain
from ablate.text import si

COSTS = {"flops_per_image": "FLOPs an image", "train_s": "seconds of training"}
NEAR = (0.05, 0.08)  # of a panel's width and height: letters closer than this would touch
NAMED = 10  # so many cells of the fronts get a letter, beginning with the most expensive


def pareto(cost: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """Indices of the points that no other beats in both, the cheapest first, (n,) and (n,) -> (front,)."""
    order = np.lexsort((-accuracy, cost))
    best = np.maximum.accumulate(accuracy[order])
    ahead = np.concatenate([[True], best[1:] > best[:-1]])
    return order[ahead]


@styled
def cost(found: Findings) -> Figure | None:
    """The metric against FLOPs and measured seconds; a line joins the Pareto front, letters name its cells."""
    measure = found.measure
    there = plain(found.cells, measure.name).dropna(subset=["mean"]).reset_index(drop=True)
    known = {field: name for field, name in COSTS.items() if there[field].notna().any() and field != measure.name}
    if len(there) < 2 or not known:
        return None
    fronts = {field: front_of(there, field, measure.sign) for field in known}
    named = list(dict.fromkeys(int(i) for front in fronts.values() for i in front))[-NAMED:]
    letters = dict(zip(named, string.ascii_lowercase, strict=False))
    names = [wrapped(f"{letters[i]}  {' '.join(there['cell'][i])}", WIDTH - 0.5, 8) for i in named]
    columns = in_columns(names, WIDTH, most=2)
    lines = sum(name.count("\n") + 1 for name in names) / columns
    figure = Figure(figsize=(WIDTH, 2.9 + (LINE + 0.02) * (lines + 0.5)))
    for place, (field, name) in enumerate(known.items()):
        axes = figure.add_subplot(1, len(known), place + 1)
        _panel(axes, there, field, fronts[field], letters, measure)
        axes.set_xlabel(name)
        axes.label_outer()
    key = [Line2D([], [], linestyle="", label=name) for name in names]
    figure.legend(handles=key, loc="outside lower left", ncols=columns, handlelength=0, handletextpad=0)
    return figure


def front_of(cells: pd.DataFrame, field: str, sign: int = 1) -> np.ndarray:
    """Rows of the cells on the Pareto front of `mean` against a cost, cheapest first; sign -1: less is good."""
    known = np.flatnonzero(cells[field].notna())
    return known[pareto(cells[field].to_numpy(float)[known], sign * cells["mean"].to_numpy(float)[known])]


def together(places: np.ndarray, front: np.ndarray, letters: dict[int, str]) -> dict[int, str]:
    """Point -> its letter, and the letters of the next points on the front if they are in nearly the same place.

    `places` are those of the points in the panel, (n, 2), each side of it 1 long.
    """
    names: dict[int, str] = {}
    last = None
    for i in map(int, front):
        if i not in letters:
            continue
        if last is not None and all(abs(places[i] - places[last]) < NEAR):
            names[last] += letters[i]
        else:
            names[i], last = letters[i], i
    return names


def _panel(
    axes: Axes, cells: pd.DataFrame, field: str, front: np.ndarray, letters: dict[int, str], measure: Measure
) -> None:
    x, y = cells[field].to_numpy(float), measure.scale * cells["mean"].to_numpy(float)
    beaten = np.setdiff1d(np.arange(len(x)), front)
    axes.plot(x[beaten], y[beaten], "o", color=MUTED, markerfacecolor="none", markersize=4)
    axes.plot(x[front], y[front], "s-", color=COLORS[0], markersize=4.5, linewidth=1.2, drawstyle="steps-post")
    axes.margins(y=0.12)
    values_along(axes, "y", y, measure)
    _costs(axes, x)
    axes.autoscale_view()
    places = axes.transAxes.inverted().transform(axes.transData.transform(np.column_stack([x, y])))
    for i, name in together(places, front, letters).items():
        # No point is cheaper and better, so there is room beyond a front: above it, or below where less is better.
        offset = (-3, 4) if measure.sign > 0 else (-3, -10)
        axes.annotate(name, (x[i], y[i]), offset, textcoords="offset points", ha="right", fontsize=8)
    axes.grid(color=RULE, linewidth=0.4, alpha=0.6)


def _costs(axes: Axes, x: np.ndarray) -> None:
    """Costs on a logarithmic axis, with few marks where all cost much the same."""
    low, high = np.nanmin(x), np.nanmax(x)
    pad = max((high / low) ** 0.15, 1.1)
    axes.set_xscale("log")
    axes.set_xlim(low / pad, high * pad)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if high > 4 * low else MaxNLocator(3))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: si(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
