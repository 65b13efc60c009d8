"""What to say of W&B at the end of a study.

It is read from disk, so it is right whichever process made the runs.
"""

import os
import re
import shlex
from pathlib import Path

from ablate.text import count

# An online run's folder holds one of these files, and in it the address of the study's page. `unsent` becomes
# `sent` once the server has taken all, which shows what was left behind by a kill or a dead network.
UNSENT, SENT = "unsent", "sent"
REPORT = re.compile(r"run-\d+_\d+-report-[0-9a-f]{6}$")  # the folder of a run that carries a report


def closing_lines(folder: Path) -> list[str]:
    """How many runs and reports of a study W&B has, how to look at them, how to send the others; [] without."""
    runs = folder / "wandb"
    offline = list(runs.glob("offline-run-*"))
    marks = sorted(runs.glob(f"run-*/{UNSENT}")) + sorted(runs.glob(f"run-*/{SENT}"))
    if not offline and not marks:
        return []
    waiting = [run for run in offline if not synced(run)]
    cut_off = [mark.parent for mark in marks if mark.name == UNSENT and not synced(mark.parent)]
    at = shlex.quote(os.path.relpath(runs))
    everything, rest = [*offline, *(mark.parent for mark in marks)], len(waiting) + len(cut_off)
    reports = sum(bool(REPORT.search(run.name)) for run in everything)
    total = count(len(everything) - reports, "run") + (f" and {count(reports, 'report')}" if reports else "")
    lines = [f"W&B: {total}, {f'{rest} not sent yet' if rest else 'all sent'}"]
    lines.append(f"  look: wandb leet {at}")
    if marks:
        lines.append(f"  look: {marks[-1].read_text(encoding='utf-8')}")
    if waiting:
        lines.append(f"  send: wandb sync {at}/offline-run-*")
    if cut_off:
        folders = " ".join(f"{at}/{shlex.quote(run.name)}" for run in cut_off)
        lines.append(f"  send: wandb sync --include-online {folders}")
    return lines


def synced(run: Path) -> bool:
    """Has `wandb sync` sent it? It leaves a file that says so."""
    return any(run.glob("*.wandb.synced"))
