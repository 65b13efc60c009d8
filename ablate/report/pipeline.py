"""The steps of a report: folders -> records -> findings -> terminal and pages."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ablate.config import writing
from ablate.console import prose
from ablate.records.study_plan import StudyPlan
from ablate.report import tuned
from ablate.report.findings import Criteria, Findings, find
from ablate.report.read import studies
from ablate.report.terminal import cells_table, seeds_table
from ablate.report.words.caveats import heading, warnings
from ablate.report.words.decision import decision_sentences, how_to_decide
from ablate.report.words.sentences import LABELS, Sentence, how_to_read, verdict_sentences
from ablate.text import count

WIDEST = len("does not matter")  # of the words of a decision
COLORS = {
    "failed": "bold red",
    "best": "bold green",
    "keep": "bold green",
    "better": "bold green",
    "equivalent": "bold cyan",
    "depends": "bold magenta",
    "aliased": "bold yellow",
}


def tell(folders: list[Path], out: Path, asked: Criteria, console: Console, *, whole: bool) -> None:
    """Prints table and verdict and writes the pages to `out`.

    At the end of a command (not `whole`) runs that it did not ask for are not shown, only counted, and a study of
    one cell has no pages.

    Raises ValueError, one line, for what the reader can correct: no study there, no such baseline; and CannotStart
    after all that is printed, if the pages cannot be written.
    """
    records, plan = studies.read(folders)
    found, differing = find(records, plan, asked)
    shown = found if whole else asked_for(found, plan)
    for part in shown:
        if len(shown) > 1:
            console.print(Text(heading(part, found), style="bold"))
        show(part, plan, console)
    pair = tuned.beside(folders, asked)
    for line in tuned.sentences(pair) if pair else []:
        prose(console, line)
    for line in [*how_to_decide(shown[0]), *how_to_read(shown[0])]:
        prose(console, line, "dim")
    doubts = warnings(shown, differing if len(shown) == len(found) else [])
    for line in [*doubts, *plan.damaged]:
        prose(console, line, "yellow")
    if hidden := sum(len(part.records) for part in found) - sum(len(part.records) for part in shown):
        prose(console, f"not shown: {count(hidden, 'run')} of another recipe in the same folder")
    if whole or any(len(part.cells) > 1 for part in found):
        # matplotlib and jinja2: only once there is something to draw
        from ablate.report.figures.fonts import missing
        from ablate.report.pages.pages import write

        with writing.into(out, "report.out=FOLDER puts the pages elsewhere"):
            page = write(out, found, plan, differing, pair)
        console.print(Text(f"report: {page}"))
        if lost := missing(text for part in found for axis, arms in part.levels.items() for text in (axis, *arms)):
            prose(console, f"No font of matplotlib's has {lost}: only the SVG figures and the page show it.")


def asked_for(found: list[Findings], plan: StudyPlan) -> list[Findings]:
    """The groups with runs that the study's last command asked for; all groups, if none of them has begun."""
    ids = {run.id for run in plan.runs}
    return [part for part in found if ids & {one.id for one in part.records}] or found


def show(part: Findings, plan: StudyPlan, console: Console) -> None:
    """One group of comparable runs on the terminal."""
    # Only the first group waits for runs of the plan; the others have just those that are there.
    ids = set(part.runs["id"])
    mine = replace(plan, runs=[run for run in plan.runs if run.id in ids])
    decided = decision_sentences(part)
    for sentence in decided:
        if sentence.verdict == "next":  # in one piece, however narrow the terminal: it is there to be pasted
            console.print(Text.assemble((f"{'next':{WIDEST}}  ", "bold"), sentence.text), soft_wrap=True)
        else:
            console.print(labelled([sentence], WIDEST))
    if decided:
        console.print()
    console.print(cells_table(part.records, list(plan.axes), plan=mine, measure=part.measure))
    verdict = labelled(verdict_sentences(part))
    if verdict.row_count:
        console.print(verdict)
        for note in part.notes:
            prose(console, note, "dim")


def labelled(sentences: list[Sentence], width: int = 0) -> Table:
    """A line for each sentence, its word on the left in a column of at least so many characters."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=width)
    table.add_column(overflow="fold")
    for sentence in sentences:
        table.add_row(
            Text(LABELS[sentence.verdict], style=COLORS.get(sentence.verdict, "bold")), Text(sentence.text)
        )
    return table


def plan_seeds(folders: list[Path], effect: float, asked: Criteria, console: Console) -> None:
    """Prints how many seeds each pair of arms needs for a difference `effect`, as the metric is read."""
    records, plan = studies.read(folders)
    found, _ = find(records, plan, asked)
    for part in found:
        if len(found) > 1:
            console.print(Text(heading(part, found), style="bold"))
        console.print(seeds_table(part.effects, part.measure, effect, asked.method))
