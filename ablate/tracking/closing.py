"""What to say of W&B at the end of a study: read from disk, so right whichever process made the runs."""

import os
import shlex
from pathlib import Path

# An online run's folder holds one of these files, and in it the address of the study's page. `unsent` becomes
# `sent` once the server has taken all, so that what a kill or a dead network left behind can be told.
UNSENT, SENT = "unsent", "sent"


def closing_lines(folder: Path) -> list[str]:
    """How many runs of a study W&B has, how to look at them, and how to send the others; [] without any."""
    runs = folder / "wandb"
    offline = list(runs.glob("offline-run-*"))
    marks = sorted(runs.glob(f"run-*/{UNSENT}")) + sorted(runs.glob(f"run-*/{SENT}"))
    if not offline and not marks:
        return []
    waiting = [run for run in offline if not synced(run)]
    cut_off = [mark.parent for mark in marks if mark.name == UNSENT and not synced(mark.parent)]
    at = shlex.quote(os.path.relpath(runs))
    total, rest = len(offline) + len(marks), len(waiting) + len(cut_off)
    lines = [f"W&B: {total} {'run' if total == 1 else 'runs'}, {f'{rest} not sent yet' if rest else 'all sent'}"]
    lines.append(f"  look: wandb leet {at}")
    if marks:
        lines.append(f"  look: {marks[-1].read_text()}")
    if waiting:
        lines.append(f"  send: wandb sync {at}/offline-run-*")
    if cut_off:
        folders = " ".join(f"{at}/{shlex.quote(run.name)}" for run in cut_off)
        lines.append(f"  send: wandb sync --include-online {folders}")
    return lines


def synced(run: Path) -> bool:
    """Has `wandb sync` sent it? It leaves a file that says so."""
    return any(run.glob("*.wandb.synced"))
