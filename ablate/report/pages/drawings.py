"""The figures of a report, drawn, saved and made ready for the page."""

from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from ablate.report.figures.cells import cells
from ablate.report.figures.cost import cost
from ablate.report.figures.curves import curves
from ablate.report.figures.forest import forest
from ablate.report.figures.interactions import interactions
from ablate.report.findings import Findings
from ablate.report.pages import render
from ablate.report.read import histories

CAPTIONS = {
    "forest": "Differences in test accuracy. Thick lines: 95 % intervals over the seeds; thin lines: over seeds "
    "and test images; grey band: the margin within which a difference does not matter.",
    "cells": "Test accuracy of each cell: mean and 95 % interval over the seeds, with each seed as a ring.",
    "interactions": "Mean test accuracy with 95 % intervals over the seeds. Lines not parallel are interactions.",
    "curves": "Validation accuracy over the epochs: mean, and range over the seeds as a band.",
    "cost": "Test accuracy against cost. Squares: cells that no cheaper cell beats (the Pareto front).",
}


class Drawing(NamedTuple):
    """A figure on a page; `file` is its name in figures/ without the ending."""

    file: str
    inline: str
    caption: str


def drawn(part: Findings, folder: Path, suffix: str) -> dict[str, Drawing]:
    """Draws what the findings allow, saves each figure as SVG and PNG, and returns them by name."""
    figures: dict[str, Figure | None] = {
        "forest": forest(part),
        "cells": cells(part),
        "interactions": interactions(part),
        "curves": curves(part, histories.read(part.runs)),
        "cost": cost(part),
    }
    drawings = {}
    for name, figure in figures.items():
        if figure is not None:
            standalone = render.svg(figure, name + suffix)
            render.save(figure, standalone, folder, name + suffix)
            drawings[name] = Drawing(name + suffix, render.inline(standalone, CAPTIONS[name]), CAPTIONS[name])
    return drawings
