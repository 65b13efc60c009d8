"""Records on disk -> numbers -> figures -> pages.

Importing this package is cheap; importing its modules is not.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "conclude",
    "door",
    "figures",
    "findings",
    "measure",
    "next_seeds",
    "pages",
    "read",
    "tables",
    "terminal",
    "words",
]


def conclude(folder: Path, console: "Console") -> None:
    """At the end of a study: its table and its verdict on the console, its pages in FOLDER/report.

    The pages are written for a study of two or more cells. Raises ValueError, one line, without a study.
    """
    from ablate.report.findings import Criteria
    from ablate.report.pipeline import tell

    tell([folder], folder / "report", Criteria(), console, whole=False)
