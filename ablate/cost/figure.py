"""Time, memory and FLOPs of an image against its tokens, a line for each choice of the other axes."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ablate.cost.rows import LENGTH, CellCost
from ablate.report.figures.layout import MARGIN, legend
from ablate.report.figures.style import RULE, WIDTH, look, styled
from ablate.text import si

Point = tuple[float, float]  # value, half an interval
SHOWN = 2


def milliseconds(row: CellCost) -> Point | None:
    """Of one image; the interval follows from that of the speed, to first order."""
    if row.speed is None:
        return None
    return 1e3 / row.speed.value, 1e3 * (row.speed.half or 0.0) / row.speed.value**2


def peak(row: CellCost) -> Point | None:
    return None if row.peak is None else (row.peak.value / 1e6, (row.peak.half or 0.0) / 1e6)


PANELS: dict[str, Callable[[CellCost], Point | None]] = {
    "milliseconds an image": milliseconds,
    "peak MB": peak,
    "forward FLOPs": lambda row: (row.forward, 0.0) if row.forward else None,
    "kept bytes an image": lambda row: (row.activations, 0.0),
}


@styled
def figure(rows: list[CellCost]) -> Figure | None:
    """Two panels: what was measured, or without measurements what is counted. None without tokens to draw over."""
    there = [row for row in rows if row.tokens]
    if not there:
        return None
    panels = [name for name, value in PANELS.items() if any(value(row) for row in there)][:SHOWN]
    drawn = Figure(figsize=(WIDTH, 3.4))
    for place, name in enumerate(panels):
        axes = drawn.add_subplot(1, SHOWN, place + 1)
        panel(axes, series(there), PANELS[name])
        axes.set_ylabel(name)
        if place == 0 and len(series(there)) > 1:
            title = ", ".join(axis for axis in there[0].cell if axis not in LENGTH)
            drawn.set_figheight(3.4 + legend(axes, title, WIDTH / SHOWN - MARGIN))
    return drawn


def series(rows: list[CellCost]) -> dict[str, list[CellCost]]:
    """Rows that differ only in how many tokens they have, the shortest first, by their other choices."""
    found: dict[str, list[CellCost]] = {}
    for row in sorted(rows, key=lambda row: row.tokens or 0):
        name = " ".join(choice for axis, choice in row.cell.items() if axis not in LENGTH)
        found.setdefault(name, []).append(row)
    return found


def panel(axes: Axes, lines: dict[str, list[CellCost]], value: Callable[[CellCost], Point | None]) -> None:
    for number, (name, rows) in enumerate(lines.items()):
        points = [(row.tokens, *point) for row in rows if (point := value(row))]
        if points:
            x, y, half = zip(*points, strict=True)
            axes.errorbar(x, y, yerr=half, label=name, markersize=4, linewidth=1.2, capsize=2, **look(number))
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda number, _: si(number) if number >= 1 else f"{number:g}"))
        axis.set_minor_formatter(NullFormatter())
    tokens = sorted({row.tokens for rows in lines.values() for row in rows if row.tokens})
    axes.set_xticks(tokens, [str(n) for n in tokens])
    axes.set_xlabel("tokens")
    axes.grid(color=RULE, linewidth=0.4, alpha=0.6)
