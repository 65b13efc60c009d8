"""Which files of a study cannot be used, or were written by a newer version."""

from collections.abc import Callable, Iterable
from pathlib import Path

from ablate.records import record
from ablate.records.damage import Damaged, why
from ablate.records.run_record import FORMAT, RunRecord
from ablate.records.study_plan import StudyPlan


def unusable(folder: Path) -> dict[Path, str]:
    """study.json and records of a study that cannot be used, each with the reason."""
    files = dict.fromkeys(sorted(folder.glob("*/record.json")), record.read)
    readers = {folder / "study.json": record.read_plan} | files
    reasons = {file: reason(read, file.parent) for file, read in readers.items()}
    return {file: said for file, said in reasons.items() if said}


def reason(read: Callable[[Path], object], folder: Path) -> str | None:
    """Why what `read` reads in a folder cannot be used; None if it can, or is not there."""
    try:
        read(folder)
    except FileNotFoundError:
        return None
    except (OSError, Damaged) as e:
        return why(e)
    return None


def newer(folder: Path, plan: StudyPlan, records: Iterable[RunRecord]) -> list[str]:
    """A line when a study holds what only a newer version of ablate understands."""
    every: list[StudyPlan | RunRecord] = [plan, *records]
    unknown = dict.fromkeys(name for one in every for name in one.more)
    latest = max(one.format or 0 for one in every)
    if not unknown and latest <= FORMAT:
        return []
    version = f" (format {latest}, here {FORMAT})" if latest > FORMAT else ""
    fields = f": {', '.join(unknown)}" if unknown else ""
    return [f"{folder} was written by a newer version{version}; fields unknown to this one are kept{fields}."]
