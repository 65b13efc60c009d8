"""Several studies on one page: the state, the date, the question and the decision of each."""

from dataclasses import dataclass, replace
from datetime import datetime
from os.path import relpath
from pathlib import Path

from ablate.records import atomic
from ablate.records.damage import NewerFormat, why
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report.findings import Criteria, Findings, find
from ablate.report.pages.templates import rendered
from ablate.report.read import studies
from ablate.report.words.decision import in_short
from ablate.text import count


@dataclass(frozen=True)
class Entry:
    """A study as a line of the index."""

    name: str
    link: str  # to its report, or to its folder, from the page of the index
    has_report: bool
    state: str
    date: str  # of its last run
    question: str
    decision: str


def entries(folder: Path, asked: Criteria) -> list[Entry]:
    """The studies directly in a folder, the one written last first."""
    return [entry(study, folder, replace(asked, images=False)) for study in studies.studies_below(folder)]


def entry(study: Path, folder: Path, asked: Criteria) -> Entry:
    report = study / "report/report.html"
    has_report = report.is_file()
    link = Path(relpath(report if has_report else study, folder)).as_posix() + ("" if has_report else "/")
    try:
        records, plan = studies.read([study])
        found, _ = find(records, plan, asked)
    except (ValueError, NewerFormat) as e:
        return Entry(study.name, link, has_report, "cannot be read", "", "", why(e))
    return Entry(
        name=study.name,
        link=link,
        has_report=has_report,
        state=state(found),
        date=date(records, plan),
        question=question(found[0]),
        decision=in_short(found[0]),
    )


def state(found: list[Findings]) -> str:
    """`36 of 36 runs done`, and what failed or is still to come."""
    states = [state for part in found for state in part.runs["state"]]
    text = f"{states.count('done')} of {count(len(states), 'run')} done"
    return text + (f", {failed} failed" if (failed := states.count("failed")) else "")


def date(records: list[RunRecord], plan: StudyPlan) -> str:
    """The day on which its last run ended, or else on which it was asked for, in local time."""
    last = max((run.ended or run.started or "" for run in records), default="") or plan.created or ""
    try:
        return datetime.fromisoformat(last).astimezone().strftime("%Y-%m-%d")
    except ValueError:
        return ""


def question(part: Findings) -> str:
    """`pos none, learned; patch 4, 7; 3 seeds`."""
    axes = [f"{axis} {', '.join(arms)}" for axis, arms in part.grid.levels.items()]
    return "; ".join([*axes, count(len(part.grid.seeds), "seed")])


def write(folder: Path, found: list[Entry]) -> Path:
    """FOLDER/index.html, which needs no other file."""
    page = folder / "index.html"
    atomic.write(page, rendered("index.html.j2", {"title": folder.resolve().name, "entries": found}))
    return page
