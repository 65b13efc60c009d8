"""One look for all figures: safe for the colour-blind (Okabe & Ito 2008), in grey print, on light and on dark.

Colour is never the only sign: markers and line styles differ too. Ink and paper are two odd colours, so that a
page can put its own in their place.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.figure import Figure

from ablate.report.figures.fonts import family

INK, PAPER = "#1a1a1b", "#fefefd"
MUTED, RULE = "#767677", "#a9a9aa"
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
MARKERS = ["o", "s", "^", "D", "v", "P"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1))]
WIDTH = 6.4  # inches

STYLE: Any = {
    "font.family": family(),
    "font.size": 9,
    "axes.facecolor": "none",
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",  # text stays text: smaller, searchable, in the page's own font
    "text.parse_math": False,  # the name of a choice is no formula
}

P = ParamSpec("P")
Drawn = TypeVar("Drawn", Figure, Figure | None)


def styled(draw: Callable[P, Drawn]) -> Callable[P, Drawn]:
    """Draws in the report's style, whatever the user's matplotlibrc says."""

    def inner(*args: P.args, **kwargs: P.kwargs) -> Drawn:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            return draw(*args, **kwargs)

    inner.__doc__ = draw.__doc__
    return inner


def look(number: int) -> dict[str, Any]:
    """Colour, marker and line of the n-th series."""
    return {
        "color": COLORS[number % len(COLORS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": LINES[(number + number // len(LINES)) % len(LINES)],
    }
