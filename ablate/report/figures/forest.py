"""Each effect with its interval, and what the verdict makes of it."""

import numpy as np
from matplotlib.figure import Figure

from ablate.report.figures.layout import rows
from ablate.report.figures.style import COLORS, INK, MUTED, PAPER, RULE, styled
from ablate.report.findings import Findings
from ablate.report.numbers.effect import effects

LOOKS = {  # verdict -> marker, filled or not, colour
    "better": ("o", True, COLORS[0]),
    "worse": ("s", True, COLORS[1]),
    "equivalent": ("D", False, COLORS[2]),
    "undecided": ("o", False, MUTED),
    "aliased": ("v", False, MUTED),
    "none": ("x", True, MUTED),
}
MOST = 60  # rows; more are in the table


@styled
def forest(found: Findings) -> Figure | None:
    """Differences: thick lines for seeds, thin ones for seeds and images, a band for the margin."""
    shown = found.effects.head(MOST)
    if shown.empty:
        return None
    figure, axes = rows([(name,) for name in shown["name"]], column=3.2)
    measure = found.measure
    scale = measure.scale
    if not np.isnan(measure.margin):
        axes.axvspan(-scale * measure.margin, scale * measure.margin, color=RULE, alpha=0.35, linewidth=0)
    axes.axvline(0, color=INK, linewidth=0.8)
    for y, row in enumerate(effects(shown)):
        marker, filled, color = LOOKS[row.verdict]
        if not np.isnan(row.low_images):
            axes.plot([scale * row.low_images, scale * row.high_images], [y, y], color=color, linewidth=0.8)
        if not np.isnan(row.low):
            axes.plot(
                [scale * row.low, scale * row.high], [y, y], color=color, linewidth=2.6, solid_capstyle="butt"
            )
        face = color if filled else PAPER
        axes.plot(scale * row.mean, y, marker=marker, color=color, markerfacecolor=face, markersize=5.5)
        word = "no verdict" if row.verdict == "none" else row.verdict
        axes.annotate(
            word,
            (1.01, y),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color=INK,
        )
    unit = measure.prefix + measure.step
    axes.set_xlabel(", ".join(part for part in (f"difference in {measure.title}", unit) if part))
    return figure
