"""The way of a report: folders -> records -> findings -> terminal and pages."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ablate.report import tuned
from ablate.report.findings import Asked, Findings, find
from ablate.report.read import studies
from ablate.report.terminal import cells_table, seeds_table
from ablate.report.words.caveats import heading, warnings
from ablate.report.words.sentences import LABELS, how_to_read, verdict_sentences

COLORS = {"better": "bold green", "equivalent": "bold cyan", "depends": "bold magenta", "aliased": "bold yellow"}


def tell(folders: list[Path], out: Path, asked: Asked, console: Console, *, lone: bool) -> None:
    """Prints table and verdict and writes the pages to `out`; for a study of one cell only if `lone`.

    Raises ValueError, one line, for what the reader could mend: no study there, no such baseline.
    """
    records, plan = studies.read(folders)
    found, differing = find(records, plan, asked)
    for part in found:
        if len(found) > 1:
            console.print(Text(heading(part, found), style="bold"))
        show(part, plan, console)
    pair = tuned.beside(folders, asked)
    for line in tuned.sentences(pair) if pair else []:
        console.print(Text(line))
    for line in how_to_read(found[0]):
        console.print(Text(line, style="dim"))
    for line in warnings(found, differing):
        console.print(Text(line, style="yellow"))
    if lone or any(len(part.cells) > 1 for part in found):
        # matplotlib and jinja2: only once there is something to draw
        from ablate.report.figures.fonts import missing
        from ablate.report.pages.pages import write

        console.print(Text(f"report: {write(out, found, plan, differing, pair)}"))
        if lost := missing(text for part in found for axis, arms in part.levels.items() for text in (axis, *arms)):
            console.print(Text(f"No font of matplotlib's has {lost}: only the SVG figures and the page show it."))


def show(part: Findings, plan: dict[str, Any], console: Console) -> None:
    """One group of comparable runs on the terminal."""
    # The plan speaks of the group that still waits for runs, so of the first; others have no runs but their own.
    ids = set(part.runs["id"])
    mine = plan | {"runs": [run for run in plan["runs"] if run["id"] in ids]}
    console.print(cells_table(part.records, list(plan["axes"]), plan=mine))
    verdict = Table.grid(padding=(0, 2, 0, 0))
    verdict.add_column()
    verdict.add_column(overflow="fold")
    for sentence in verdict_sentences(part):
        verdict.add_row(
            Text(LABELS[sentence.verdict], style=COLORS.get(sentence.verdict, "bold")), Text(sentence.text)
        )
    if verdict.row_count:
        console.print(verdict)
        for note in part.notes:
            console.print(Text(note, style="dim"))


def plan_seeds(folders: list[Path], effect: float, asked: Asked, console: Console) -> None:
    """Prints how many seeds each pair of arms needs for a difference `effect`, a fraction."""
    records, plan = studies.read(folders)
    found, _ = find(records, plan, asked)
    for part in found:
        if len(found) > 1:
            console.print(Text(heading(part, found), style="bold"))
        console.print(seeds_table(part.effects, asked.margin, effect))
