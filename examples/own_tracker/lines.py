"""A tracker of your own: `tracker=lines` writes a line of JSON an epoch, for whatever reads such files.

    PYTHONPATH=examples/own_tracker python -m ablate.train --config-dir examples/own_tracker/conf tracker=lines

A tracker is a view. The records are there without it, and it must never make a run fail.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Lines:
    """The five members that a study and its runs ask of a tracker."""

    def __init__(self, *, file: str) -> None:
        self.file = file

    def announce(self) -> str | None:
        """A line for the terminal before the first run; None says nothing."""
        return f"tracker: runs/STUDY/{self.file}"

    @contextmanager
    def run(self, record: Any, folder: Path, history: Sequence[Mapping[str, float]] = ()) -> Iterator["Run"]:
        """One run of the study in `folder`; `history` has the epochs before it was stopped."""
        with open(folder / self.file, "a", encoding="utf-8") as file:
            yield Run(file, record.id)

    def report(self, folder: Path) -> None:
        """Called once the study's pages are written."""

    def closing(self, folder: Path) -> list[str]:
        """Lines for the end of the study's output."""
        return [f"lines: {folder / self.file}"]


class Run:
    """What a run tells its tracker."""

    facts: dict[str, str | None] | None = None  # goes into the record's field `wandb`

    def __init__(self, file: Any, run: str) -> None:
        self.file, self.name = file, run

    def epoch(self, row: Mapping[str, float]) -> None:
        """A row of history.csv."""
        self.write(row)

    def end(self, metrics: Mapping[str, float | None], cost: Mapping[str, float | None]) -> None:
        """The record's metrics and cost."""
        self.write({**metrics, **cost})

    def close(self, exit_code: int) -> None:
        """0: finished; 1: failed."""

    def write(self, numbers: Mapping[str, float | None]) -> None:
        self.file.write(json.dumps({"run": self.name, **numbers}) + "\n")
        self.file.flush()
