"""An attempt at a run: how it begins, and the ends that it can come to."""

import math
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ablate.records import atomic, faults, provenance, record, turns
from ablate.records.damage import make_way, remove, set_aside
from ablate.records.record import CHECKPOINT

FILES = r"record\.json|history\.csv|predictions\.npz|weights\.pt|checkpoint\.pt|error\.txt|clock"
DRAFT = re.compile(rf"\.({FILES})\.\d+")  # as atomic.whole and claim.clock name them


@contextmanager
def marked(folder: Path, rec: dict) -> Iterator[None]:
    """Marks a run as running and then as done, or as failed with its traceback beside it.

    A run that is asked to stop stays `running`, with `ended` and the reason: it goes on another time. SystemExit
    becomes RuntimeError: a run that calls sys.exit must not end the study.
    """
    before = record.load(folder) or {}
    tidy(folder)
    rec |= {"state": "running", "attempts": before.get("attempts", 0) + 1, "started": record.now()}
    record.save(folder, rec)
    try:
        yield
        if bad := [name for part in ("metrics", "cost") for name, x in rec[part].items() if not is_finite(x)]:
            raise FloatingPointError(f"{bad[0]} is not a finite number")
    except KeyboardInterrupt as e:
        end = {"ended": record.now(), "error": str(e) or "stopped", "metrics": dict.fromkeys(rec["metrics"])}
        record.save(folder, rec | end)
        raise
    except BaseException as e:
        trace = traceback.format_exc()
        with suppress(OSError):  # a full disk; who started the run will see that it has no end
            fail(folder, rec, f"{type(e).__name__}: {(str(e).splitlines() or [''])[0]}")
            atomic.write(folder / "error.txt", trace)
        if isinstance(e, SystemExit):
            raise RuntimeError(f"the run called sys.exit({e.code})") from e
        raise
    rec |= {"state": "done", "ended": record.now()}
    record.save(folder, rec)
    tidy(folder)


def fail(folder: Path, rec: dict, error: str) -> None:
    rec |= {"state": "failed", "ended": record.now(), "error": error, "metrics": dict.fromkeys(rec["metrics"])}
    rec["cost"] = {name: x if is_finite(x) else None for name, x in rec["cost"].items()}
    record.save(folder, rec)


def is_finite(value: object) -> bool:
    """Whether a record can hold a number; JSON has no inf and no nan."""
    return not isinstance(value, float) or math.isfinite(value)


def tidy(folder: Path) -> None:
    """Removes what a process that was killed left half written, and what the state of the run has no use for.

    Anything else in the folder is not ours to remove.
    """
    done = (record.load(folder) or {"state": None})["state"] == "done"
    drafts = [file for file in folder.glob(".*") if DRAFT.fullmatch(file.name)]
    for file in [*drafts, folder / "error.txt", *([folder / CHECKPOINT] if done else [])]:
        remove(file)


def other_code(folder: Path, found: dict | None) -> str | None:
    """Why the state that an attempt has left, if it has, cannot be gone on with: other code would go on."""
    if not (folder / CHECKPOINT).exists():
        return None
    if found is None:
        return "what was left of it does not say which code made it"
    changes = provenance.changed(found)
    return f"begun with another version of {provenance.named(changes)}" if changes else None


def restart(folder: Path) -> None:
    """Forgets how far a run had come."""
    make_way(folder / CHECKPOINT)
    remove(folder / CHECKPOINT)


def repair(folder: Path) -> None:
    """Sets a record aside that cannot be used: the run then begins as if there had been none."""
    if reason := faults.reason(record.read, folder):
        set_aside(folder / "record.json", reason)


def settled(found: dict | None, turn: int, options: dict) -> bool:
    """Whether a run needs no attempt (any more) of the command `turn` with these keys of `sweep`."""
    if found is None or found["state"] == "running":
        return False
    ours = turns.turn_of(found) >= turn
    return ours or (not options["fresh"] and (found["state"] == "done" or not options["retry_failed"]))
