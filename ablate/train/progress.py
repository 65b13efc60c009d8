"""What a study shows while it runs: two live lines on a terminal, plain lines elsewhere.

A worker whose parent draws one table for all of them sends its row there.
"""

import os
import time
from typing import Any

from rich.live import Live
from rich.text import Text

from ablate.console import console
from ablate.records.run_record import RunRecord, label, telling
from ablate.study.launch import board
from ablate.text import count

AGAIN_S = 0.25  # between two rows that a worker sends


class Progress:
    """The display of one run; `place` is (run x, of n) of its study."""

    def __init__(self, record: RunRecord, *, place: tuple[int, int]) -> None:
        self.console = console()
        self.epochs = record.config["epochs"]
        self.title = f"{label(record.cell, telling(record.overrides))} seed={record.seed}"
        self.place = f"{place[0]}/{place[1]}" if place[1] > 1 else ""
        self.steps, self.epoch, self.before = 1, 0, 0.0
        self.row: dict[str, float] = {}
        self.began = time.perf_counter()
        self.is_row = board.ASKED in os.environ
        self.next_row = 0.0
        is_live = self.console.is_terminal
        self.live = Live(console=self.console, refresh_per_second=4, transient=True) if is_live else None

    def begin(self, steps: int, done: int, history: list[dict[str, float]]) -> None:
        """The training begins, of `steps` an epoch; it may go on after some epochs and `done` steps of the next.

        If an epoch is trained but not validated yet, all its steps are done.
        """
        self.steps, self.epoch, self.began = steps, len(history), time.perf_counter()
        self.before = (self.epoch + done / steps) / self.epochs
        if self.before:
            self.row = history[-1] if history else {}
            at = [f"epoch {self.epoch}"] * bool(self.epoch) + [count(done, "step")] * bool(done)
            line = f"{self.place} {self.title}  goes on after {' and '.join(at)}"
            self.console.print(line.strip(), soft_wrap=True)

    def say(self, line: str) -> None:
        """A line about this run."""
        self.console.print(f"{self.place} {self.title}  {line}".strip(), soft_wrap=True)

    def __enter__(self) -> "Progress":
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self.live:
            self.live.stop()

    def step(self, step: int, loss: float) -> None:
        """After some step of an epoch."""
        if self.is_row and time.perf_counter() > self.next_row:
            self.next_row = time.perf_counter() + AGAIN_S
            self.post(step, loss)
        if not self.live:
            return
        share = (self.epoch + step / self.steps) / self.epochs
        now = f"epoch {self.epoch + 1}/{self.epochs} {bar(share)}{self.left(share)}  loss {loss:.3f}"
        if self.row:
            now += f"  val {self.row['val_acc']:.2%}  {self.row['images_per_s']:,.0f} images/s"
        lines = f"{self.place} {self.title}".strip() + f"\n  {now}"
        self.live.update(Text(lines, overflow="ellipsis", no_wrap=True))

    def post(self, step: int, loss: float) -> None:
        """Sends the row of this run."""
        speed = f"{self.row['images_per_s']:,.0f}" if self.row else ""
        board.post(
            {
                "run": f"{self.place} {self.title}".strip(),
                "epoch": f"{self.epoch + 1}/{self.epochs}",
                "loss": f"{loss:.3f}",
                "images/s": speed,
                "left": self.left((self.epoch + step / self.steps) / self.epochs).removesuffix("left").strip(),
            }
        )

    def left(self, share: float) -> str:
        """` 0:12 left` at the pace of this attempt; nothing before its first step."""
        gone = share - self.before
        if gone <= 0:
            return ""
        return f" {clock((time.perf_counter() - self.began) / gone * (1 - share))} left"

    def epoch_done(self, row: dict[str, float]) -> None:
        self.epoch, self.row = int(row["epoch"]), row
        if not self.live and not self.is_row:
            self.console.print(
                f"{self.place} {self.title}  epoch {self.epoch}/{self.epochs}"
                f"  loss {row['train_loss']:.3f}  val {row['val_acc']:.2%}"
                f"  {row['images_per_s']:,.0f} images/s".strip(),
                soft_wrap=True,
            )

    def done(self, record: RunRecord) -> None:
        part = "val" if record.metrics["test_acc"] is None else "test"
        accuracy, seconds = record.metrics[f"{part}_acc"], record.cost["train_s"]
        assert accuracy is not None
        assert seconds is not None
        line = f"{self.place} {self.title}  {part} {accuracy:.2%}  {clock(seconds)}"
        self.console.print(line.strip(), soft_wrap=True)


def bar(share: float, width: int = 10) -> str:
    return "━" * round(width * share) + "╌" * (width - round(width * share))


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
