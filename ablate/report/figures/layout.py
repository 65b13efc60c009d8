"""Figures that are as large as their texts need: nothing is cut off, nothing is drawn over."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablate.report.figures.fonts import POINTS, inches, wrapped
from ablate.report.figures.style import MUTED, RULE, WIDTH

# In inches.
LINE = 0.15  # one more line of text
GAP = 0.14  # between two columns of names
PANEL = 3.6  # the least width of a panel next to names
MARGIN = 0.9  # what the numbers and the name of an axis take next to a panel
HANDLE = 0.55  # the line and the spaces of an entry in a legend


def rows(
    names: Sequence[tuple[str, ...]], heads: Sequence[str] = (), *, height: float = 0.27, column: float = 2.2
) -> tuple[Figure, Axes]:
    """A figure with a row for each of `names`, the first on top; they are on its left, in columns under `heads`.

    A name wider than `column` takes several lines.
    """
    texts = [[wrapped(name, column) for name in row] for row in names]
    above = [head.replace(".", ".\n") for head in heads]
    columns = [list(column) for column in zip(*texts, *([above] if heads else []), strict=True)]
    widths = [max(map(inches, column)) + GAP for column in columns]
    tallest = max((text.count("\n") for row in texts for text in row), default=0)
    size = 0.75 + (height + LINE * tallest) * max(len(names), 2) + LINE * _lines(above)
    figure = Figure(figsize=(max(WIDTH, sum(widths) + PANEL), size))
    axes = figure.add_subplot()
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks([])
    axes.grid(axis="x", color=RULE, linewidth=0.4, alpha=0.6)
    axes.spines["left"].set_visible(False)
    left = -sum(widths)
    for number, width in enumerate(widths):
        place: Any = {"textcoords": "offset points", "ha": "left", "annotation_clip": False}
        for y, row in enumerate(texts):
            side = ("axes fraction", "data")
            axes.annotate(row[number], (0, y), (left * POINTS, 0), xycoords=side, va="center", **place)
        if heads:
            side = ("axes fraction", "axes fraction")
            at = (left * POINTS, 3)
            axes.annotate(above[number], (0, 1), at, xycoords=side, va="bottom", color=MUTED, **place)
        left += width
    return figure, axes


def legend(axes: Axes, title: str, room: float) -> float:
    """The names of the lines above a panel `room` inches wide, where no data can be.

    Returns the height in inches that they take beyond a title and one line.
    """
    handles, labels = axes.get_legend_handles_labels()
    labels = [wrapped(label, room - HANDLE, 8) for label in labels]
    columns = in_columns(labels, room, most=3)
    title = wrapped(title, room, 8)
    axes.legend(
        handles, labels, title=title, title_fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns,
        borderaxespad=0.2, columnspacing=1.2, handlelength=2.6, alignment="left",
    )  # fmt: skip
    return LINE * (-(-len(labels) // columns) * _lines(labels) + _lines([title]) - 2)


def in_columns(labels: Sequence[str], room: float, *, most: int) -> int:
    """How many columns of a legend `room` inches wide hold these labels."""
    widest = max((inches(label, 8) for label in labels), default=0.0) + HANDLE
    return max(1, min(most, len(labels), int(room / widest)))


def arms(axes: Axes, names: Sequence[str], room: float) -> float:
    """Names below a panel `room` inches wide, slanted if there are many; returns the height that this takes."""
    texts = [wrapped(name, 1.6) for name in names]
    widest = max(map(inches, texts))
    if (widest + GAP) * len(texts) <= room:
        axes.set_xticks(range(len(texts)), texts)
        return LINE * (_lines(texts) - 1)
    axes.set_xticks(range(len(texts)), texts, rotation=30, ha="right", rotation_mode="anchor")
    return 0.5 * widest + LINE * (_lines(texts) - 1)


def _lines(texts: Sequence[str]) -> int:
    return max((text.count("\n") + 1 for text in texts), default=0)
