"""Jinja2 templates of the pages, and how text is made safe in each."""

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
TEX = {"\\": r"\textbackslash{}", "×": r"$\times$", "−": r"$-$", "±": r"$\pm$", "–": "--", "<": "$<$", ">": "$>$",
       "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {c: f"\\{c}" for c in "&%$#_{}"}  # fmt: skip


def rendered(template: str, context: Mapping[str, object]) -> str:
    """A page. HTML is escaped by itself; `cell` and `tex` escape for Markdown and LaTeX."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": cell, "tex": tex}
    files = {
        "css": (HERE / "report.css").read_text(encoding="utf-8"),
        "js": (HERE / "report.js").read_text(encoding="utf-8"),
    }
    text = environment.get_template(template).render({**context, **files})
    return re.sub(r"\n{3,}", "\n\n", text).lstrip("\n")


def cell(text: str) -> str:
    """One line of Markdown that means itself, also in a table."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(str(text).split()))


def tex(text: str) -> str:
    return re.sub(r"[\\×−±–<>~^&%$#_{}]", lambda found: TEX[found[0]], str(text))
