"""The live table of several workers at a terminal: a row a worker, and above it the lines that they print.

A worker has a pipe for its output. A line in it that begins with MARK is the new row of this worker, as JSON.
"""

import json
import os
import select
import sys
from collections.abc import Hashable
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

MARK = "\x1e"  # a control character that no line of ours begins with
ASKED = "ABLATE_BOARD"  # set in a worker whose parent draws its row
WIDTHS = {"epoch": 7, "loss": 5, "images/s": 8, "left": 7}
GAP = 2


def post(row: dict[str, str]) -> None:
    """Sends this worker's row, `run` and the words of WIDTHS, to the process that draws it."""
    print(f"{MARK}{json.dumps(row)}", flush=True)


def divert(number: int) -> None:
    """From now on all that this process prints goes into the pipe with this file descriptor."""
    for stream, place in ((sys.stdout, 1), (sys.stderr, 2)):
        stream.flush()
        os.dup2(number, place)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)


class Board:
    """Draws while it is entered; `rows` holds what each worker sent last."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.rows: dict[Hashable, dict[str, str]] = {}
        self.rest: dict[Hashable, bytes] = {}  # of a line that has not ended yet
        self.live = Live(
            console=console, get_renderable=self.table, refresh_per_second=4, transient=True, redirect_stderr=False
        )

    def __enter__(self) -> "Board":
        self.live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.live.stop()

    def hear(self, worker: Hashable, pipe: int) -> bool:
        """Takes what a worker has printed so far; False once it can print no more."""
        while select.select([pipe], [], [], 0)[0]:
            try:
                part = os.read(pipe, 65536)
            except OSError:
                part = b""
            if not part:
                return False
            *lines, self.rest[worker] = (self.rest.get(worker, b"") + part).split(b"\n")
            for line in lines:
                self.take(worker, line.decode("utf-8", "replace").rstrip("\r"))
        return True

    def take(self, worker: Hashable, line: str) -> None:
        if line.startswith(MARK):
            self.rows[worker] = json.loads(line[1:])
        else:
            self.console.print(Text.from_ansi(line), soft_wrap=True)

    def clear(self, worker: Hashable) -> None:
        """The worker has no run."""
        self.rows.pop(worker, None)

    def table(self) -> Table:
        """A row for each worker that has a run; the name of a run gives way where there is no room."""
        table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("run", no_wrap=True)
        for name, width in WIDTHS.items():
            table.add_column(name, justify="right", no_wrap=True, min_width=width)
        room = max(1, self.console.width - sum(width + GAP for width in WIDTHS.values()))
        for row in self.rows.values():
            run = Text(row["run"])
            run.truncate(room, overflow="ellipsis")
            table.add_row(run, *(row.get(name, "") for name in WIDTHS))
        return table if self.rows else Table.grid()
