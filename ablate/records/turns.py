"""Which attempts are a command's own. Commands of a study are counted: clocks of two machines cannot be compared.

Each command is one more than the latest in study.json and in the records, and an attempt bears the number of the
command that was the latest when it began. So an attempt was made since a command began if
its number is no smaller.
"""

from contextlib import suppress
from pathlib import Path

from ablate.records import atomic, record
from ablate.records.damage import opened
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.records.unchanged import Unchanged

STOPPED = ".stopped"  # a file in a study's folder: the latest command that was stopped


def turn_of(kept: RunRecord | StudyPlan) -> int:
    """The number in a record or in study.json; 0 in those that are older than the count."""
    return 0 if kept.turn is None else kept.turn


def latest(folder: Path) -> int:
    """The number of the latest command of a study, as its study.json says."""
    with suppress(OSError, ValueError):
        return _latest(folder / record.PLAN)
    return 0


@Unchanged
def _latest(file: Path) -> int:
    """Every run asks for it, so the plan of all runs is not understood as a whole."""
    turn = opened(file).get("turn")
    return turn if isinstance(turn, int) else 0


def latest_of_all(folder: Path) -> int:
    """The same when study.json may be lost: no record has a larger number."""
    return max(latest(folder), *map(turn_of, record.read_study(folder)), 0)


def failed_since(folder: Path, turn: int) -> bool:
    """Whether a run of a study has failed in an attempt since the command `turn` began."""
    found = (record.find(file.parent) for file in folder.glob("*/record.json"))
    return any(r is not None and r.state == "failed" and turn_of(r) >= turn for r in found)


def stop(folder: Path, turn: int) -> None:
    """Says that no run of the command `turn` is to begin: one that is about to may not hear a signal."""
    with suppress(OSError):  # a full disk; then it goes on to its end, and is recorded
        atomic.write(folder / STOPPED, str(turn))


def is_stopped(folder: Path, turn: int) -> bool:
    """Whether the command `turn` of a study was stopped. Others, before or after it, may go on with the study."""
    with suppress(OSError, ValueError):
        return int((folder / STOPPED).read_text(encoding="utf-8")) == turn
    return False
