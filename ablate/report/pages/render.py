"""A figure as text for a page, and as files."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from ablate.report.figures.style import COLORS, INK, MUTED, PAPER, STYLE

DPI = 160


def svg(figure: Figure, name: str) -> str:
    """A standalone SVG on white. The same figure gives the same text, so that a report under git stays quiet."""
    text = io.StringIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}), quiet():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, facecolor=PAPER)
    figure.set_layout_engine("none")  # it is laid out now; once more for the PNG would cost as much again
    return text.getvalue()


def inline(standalone: str, title: str) -> str:
    """The SVG for the inside of a page: in the page's own colours, named for those who cannot see it."""
    body = standalone[standalone.index("<svg") :]
    body = body.replace(f"fill: {PAPER}", "fill: none", 1)  # the sheet itself: the page shades an edge below it
    body = body.replace(INK, "currentColor").replace(PAPER, "var(--paper)").replace(MUTED, "var(--soft)")
    for number, color in enumerate(COLORS):
        body = body.replace(color.lower(), f"var(--color{number})")
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{title}" ', body, count=1)


@contextmanager
def quiet() -> Iterator[None]:
    """Without matplotlib's warnings of characters that no font has, and of scripts that it cannot shape.

    Who prints the address of a page says once which characters the PNG lacks (figures.fonts.missing).
    """
    with warnings.catch_warnings():
        for message in (r"Glyph \d+ .* missing", "Matplotlib currently does not support"):
            warnings.filterwarnings("ignore", message)
        yield


def save(figure: Figure, standalone: str, folder: Path, name: str) -> None:
    """NAME.svg and NAME.png."""
    (folder / f"{name}.svg").write_text(standalone, encoding="utf-8")
    with mpl.rc_context(STYLE), quiet():  # ticks are made as they are drawn, in the style of that moment
        figure.savefig(folder / f"{name}.png", dpi=DPI, facecolor="white", metadata={"Software": None})
