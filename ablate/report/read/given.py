"""Which of the folders that a command names are studies: `runs/*` names all that is there."""

from pathlib import Path

from ablate.text import fitted

OURS = ("report.html", "verdict.csv")  # what every report on several studies has


def studies_of(folders: list[Path]) -> tuple[list[Path], list[Path]]:
    """The studies among several folders, and what else is there; a report of ours is neither.

    A folder that is named alone, or does not exist, counts as a study: the report then says what is wrong.
    """
    studies = [folder for folder in folders if is_study(folder) or not folder.exists()]
    if len(folders) == 1 or not any(map(is_study, studies)):
        return folders, []
    others = [folder for folder in folders if folder not in studies and not is_report(folder)]
    return studies, others


def is_study(folder: Path) -> bool:
    return (folder / "study.json").is_file() or any(folder.glob("*/record.json"))


def holds_studies(folder: Path) -> bool:
    """Whether it is no study itself, and holds some: runs/."""
    return folder.is_dir() and not is_study(folder) and any(folder.glob("*/study.json"))


def is_report(folder: Path) -> bool:
    return all((folder / name).is_file() for name in OURS)


def home(studies: list[Path]) -> Path:
    """Where the report goes: STUDY/report for one; next to the first, under their joined names, for several."""
    # No more than 255 bytes: four for each character at worst.
    if len(studies) == 1:
        return studies[0] / "report"
    return studies[0].parent / fitted("report-" + "+".join(study.name for study in studies), 60)
