"""The record of a run that somebody wants to use: to look inside it, or to begin with its weights."""

from pathlib import Path

from ablate.records import record
from ablate.records.damage import Damaged
from ablate.records.run_record import RunRecord


def finished(folder: Path, named: str, works: str) -> RunRecord:
    """The record of a finished run. ValueError, one line that begins with `named` and ends with what works."""
    try:
        found = record.read(folder)
    except FileNotFoundError as e:
        runs = sorted(file.parent.name for file in folder.glob("*/record.json"))
        works = f"it holds {len(runs)} runs, such as {named.rstrip('/')}/{runs[0]}" if runs else works
        raise ValueError(f"{named}: no run of ours; {works}") from e
    except (OSError, Damaged) as e:
        raise ValueError(f"{named}: its record cannot be read ({e}); {works}") from e
    if found.state != "done":
        raise ValueError(f"{named}: the run is {found.state}; {works}")
    return found
