"""What a study does after its last run: the inside of the best, the table, the verdict and the pages."""

import shlex
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from ablate.config import garbage
from ablate.config.errors import CannotStart
from ablate.config.locate import locate
from ablate.records import record
from ablate.records.run_record import RunRecord

Look = Callable[[Path, Callable[[str], None]], None]  # the folder of the study, and what says a line


def found(path: str | None) -> Look | None:
    """What the dotted path of `hydra.sweeper.inspect` names. Raises UserError where there is no such thing."""
    look: Look | None = None if path is None else locate(path, key="hydra.sweeper.inspect")
    return look


@garbage.seldom()
def conclude(folder: Path, records: list[RunRecord], console: Console, look: Look | None = None) -> None:
    """Table, verdict and pages; an error in the pages must not make a finished study fail.

    `look` first draws what the pages show of the inside of some runs.
    """
    from ablate import report
    from ablate.report.terminal import cells_table

    if look is not None:
        look_inside(look, folder, console)
    try:
        report.conclude(folder, console)
    except CannotStart as e:  # everything was printed; only the pages are missing
        console.print(f"no report: {e}")
    except Exception as e:
        plan = record.read_plan(folder)
        console.print(cells_table(records, list(plan.axes), plan=plan))
        console.print(f"no verdict ({type(e).__name__}: {e})")


def look_inside(look: Look, folder: Path, console: Console) -> None:
    try:
        look(folder, console.print)
    except (Exception, SystemExit) as e:  # a part of the user's own may do anything
        console.print(f"no figures of the inside ({type(e).__name__}: {e})")


def close(folder: Path, tracked: list[str], console: Console, *, is_whole: bool) -> None:
    """Where everything is, what the tracker says of itself, and what to type next."""
    typed = shlex.quote(str(folder))
    if not is_whole:
        console.print(f"tracebacks: {typed}/*/error.txt")
    console.print(f"records: {folder}")
    for line in [*tracked, f"next: python -m ablate.report {typed}"]:
        console.print(line)
