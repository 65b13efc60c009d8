"""The figures of a report, drawn, saved and made ready for the page."""

import math
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from ablate.report.figures.cells import cells
from ablate.report.figures.cost import cost
from ablate.report.figures.curves import curves
from ablate.report.figures.forest import forest
from ablate.report.figures.interactions import interactions
from ablate.report.findings import Findings
from ablate.report.measure import Measure, history_of
from ablate.report.pages import render
from ablate.report.read import histories


def captions(read_as: Measure) -> dict[str, str]:
    """What stands below each figure."""
    title = read_as.title
    large = title[:1].upper() + title[1:]
    thin = "; thin lines: over seeds and test images" if read_as.is_ours else ""
    band = (
        "" if math.isnan(read_as.margin) else "; grey band: the margin within which a difference does not matter"
    )
    learned = history_of(read_as).title
    return {
        "forest": f"Differences in {title}. Thick lines: 95 % intervals over the seeds{thin}{band}.",
        "cells": f"{large} of each cell: mean and 95 % interval over the seeds, with each seed as a ring.",
        "interactions": f"Mean {title} with 95 % intervals over the seeds. Lines not parallel are interactions.",
        "curves": f"{learned[:1].upper()}{learned[1:]} over the epochs: mean, and range over the seeds as a band.",
        "cost": f"{large} against cost. Squares: cells that no cheaper cell beats (the Pareto front).",
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
        "curves": curves(part, histories.read(part.runs, history_of(part.measure).name)),
        "cost": cost(part),
    }
    drawings, below = {}, captions(part.measure)
    for name, figure in figures.items():
        if figure is not None:
            standalone = render.svg(figure, name + suffix)
            render.save(figure, standalone, folder, name + suffix)
            drawings[name] = Drawing(name + suffix, render.inline(standalone, below[name]), below[name])
    return drawings
