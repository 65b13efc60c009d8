"""An attempt at a run: what its training sees of it, how it begins, and the ends that it can come to."""

import math
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ablate.records import atomic, faults, provenance, record, turns
from ablate.records.damage import make_way, remove, set_aside
from ablate.records.record import CHECKPOINT
from ablate.records.run_record import RunRecord

FILES = r"record\.json|history\.csv|predictions\.npz|weights\.pt|checkpoint\.pt|error\.txt|clock|claim"
DRAFT = re.compile(rf"\.({FILES})\.\d+")  # as atomic.whole and claim name them


@dataclass
class Attempt:
    """One attempt at a run, as its training sees it.

    `record` is what is known of the run; `save` writes it to record.json, and so does the end of the run. `place`
    is (this run, of so many) of its study. `pause` is to be called often between two steps: it raises Stopped when
    the run is to end here and be saved. Without `test` nothing may look at test data: other runs are chosen by
    what this one finds. All runs of a study train with as many `threads`: their number may show in the last digits
    of a result.
    """

    folder: Path
    record: RunRecord
    place: tuple[int, int]
    pause: Callable[[], None]
    test: bool
    threads: int | None
    checkpoint: str | None = CHECKPOINT  # where an unfinished run goes on, if that file is ours

    def note(
        self,
        *,
        metrics: Mapping[str, float | None] | None = None,
        cost: Mapping[str, float | None] | None = None,
        versions: Mapping[str, str | None] | None = None,
    ) -> None:
        """Adds what the run has found out to its record. Writes no file."""
        now = self.record
        self.record = replace(
            now,
            metrics=now.metrics | dict(metrics or {}),
            cost=now.cost | dict(cost or {}),
            versions=now.versions | dict(versions or {}),
        )

    def save(self) -> None:
        record.save(self.folder, self.record)

    def end(self, state: str, error: str | None = None) -> None:
        """Ends the run, and says in its record how. A run that is not done has no metrics."""
        self.record = ended(self.record, state, error)
        self.save()


class Anew(Exception):
    """An attempt that went on with what an earlier one had left, and came to nothing: the next one starts anew."""


ANEW = "went on after its end; it starts anew"  # what the record of such a run says


@contextmanager
def marked(attempt: Attempt) -> Iterator[None]:
    """Marks a run as running, and then as done, or as failed with its traceback in error.txt.

    A run that is asked to stop stays `running`, with `ended` and the reason: the next command goes on with it. So
    does one that raises Anew, and the same command starts it once more.
    SystemExit becomes RuntimeError: a run that calls sys.exit must not end the study.
    """
    folder = attempt.folder
    before = record.find(folder)
    tidy(folder, attempt.checkpoint)
    attempts = (before and before.attempts) or 0
    attempt.record = replace(attempt.record, state="running", attempts=attempts + 1, started=record.now())
    attempt.save()
    try:
        yield
        now = attempt.record
        if bad := [name for part in (now.metrics, now.cost) for name, x in part.items() if not is_finite(x)]:
            raise FloatingPointError(f"{bad[0]} is not a finite number")
    except KeyboardInterrupt as e:
        attempt.end("running", str(e) or "stopped")
        raise
    except Anew:
        attempt.end("running", ANEW)
        return
    except BaseException as e:
        trace = traceback.format_exc()
        with suppress(OSError):  # a full disk; whoever started the run sees that it has no end
            attempt.end("failed", f"{type(e).__name__}: {(str(e).splitlines() or [''])[0]}")
            atomic.write(folder / "error.txt", trace)
        if isinstance(e, SystemExit):
            raise RuntimeError(f"the run called sys.exit({e.code})") from e
        raise
    attempt.end("done")
    tidy(folder, attempt.checkpoint)


def ended(one: RunRecord, state: str, error: str | None) -> RunRecord:
    """The record of a run that ends here; one that is not done has no metrics, only costs that JSON can hold."""
    if state == "done":
        return replace(one, state=state, ended=record.now(), error=error)
    nothing = dict.fromkeys(one.metrics)
    cost = {name: x if is_finite(x) else None for name, x in one.cost.items()}
    return replace(one, state=state, ended=record.now(), error=error, metrics=nothing, cost=cost)


def is_finite(value: object) -> bool:
    """Whether a record can hold a number; JSON has no inf and no nan."""
    return not isinstance(value, float) or math.isfinite(value)


def tidy(folder: Path, checkpoint: str | None = CHECKPOINT) -> None:
    """Removes drafts that a killed process left, and files that a run in this state does not need.

    Nothing else in the folder is removed: it is not ours.
    """
    found = record.find(folder)
    done = found is not None and found.state == "done"
    drafts = [file for file in folder.glob(".*") if DRAFT.fullmatch(file.name)]
    for file in [*drafts, folder / "error.txt", *([folder / checkpoint] if done and checkpoint else [])]:
        remove(file)


def other_code(folder: Path, found: RunRecord | None) -> str | None:
    """Why a run cannot go on from the state that an attempt left: other code would go on with it.

    None if it can.
    """
    if not (folder / CHECKPOINT).exists():
        return None
    if found is None:
        return "its checkpoint does not say which code made it"
    changes = provenance.changed(found)
    return f"begun with another version of {provenance.named(changes)}" if changes else None


def restart(folder: Path, checkpoint: str | None = CHECKPOINT) -> None:
    """Makes a run start from its beginning; a program's own checkpoint is left to it."""
    if checkpoint:
        make_way(folder / checkpoint)
        remove(folder / checkpoint)


def repair(folder: Path, checkpoint: str | None = CHECKPOINT) -> None:
    """Sets a record aside that cannot be used: nothing says of which code its checkpoint is, so that goes too."""
    if reason := faults.reason(record.read, folder):
        set_aside(folder / "record.json", reason)
        restart(folder, checkpoint)


def settled(found: RunRecord | None, turn: int, *, fresh: bool, retry_failed: bool) -> bool:
    """Whether the command `turn`, with these keys of `sweep`, need not try this run (again)."""
    if found is None or found.state == "running":
        return False
    ours = turns.turn_of(found) >= turn
    return ours or (not fresh and (found.state == "done" or not retry_failed))
