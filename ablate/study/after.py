"""What a study says after its last run: the table, the verdict and the pages."""

import shlex
from pathlib import Path

from rich.console import Console

from ablate.config.errors import CannotStart
from ablate.records import record
from ablate.records.run_record import RunRecord


def conclude(folder: Path, records: list[RunRecord], console: Console) -> None:
    """Table, verdict and pages; an error in the pages must not make a finished study fail."""
    from ablate import report
    from ablate.report.terminal import cells_table

    try:
        report.conclude(folder, console)
    except CannotStart as e:  # everything was printed; only the pages are missing
        console.print(f"no report: {e}")
    except Exception as e:
        plan = record.read_plan(folder)
        console.print(cells_table(records, list(plan.axes), plan=plan))
        console.print(f"no verdict ({type(e).__name__}: {e})")


def close(folder: Path, tracked: list[str], console: Console, *, is_whole: bool) -> None:
    """Where everything is, what the tracker says of itself, and what to type next."""
    typed = shlex.quote(str(folder))
    if not is_whole:
        console.print(f"tracebacks: {typed}/*/error.txt")
    console.print(f"records: {folder}")
    for line in [*tracked, f"next: python -m ablate.report {typed}"]:
        console.print(line)
