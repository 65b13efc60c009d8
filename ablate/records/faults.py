"""Which files of a study cannot be used."""

from collections.abc import Callable
from pathlib import Path

from ablate.records import record
from ablate.records.damage import Damaged, why


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
