"""The live display on a terminal of its own, through a stop and a resume at every boundary of a run."""

import os
import pty
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from trouble import CUT

from ablate.records import record
from ablate.records.run_record import RunRecord
from ablate.train.progress import Progress

STEPS = 8  # an epoch of CUT; then come one batch of validation and, after the last of 3 epochs, one of test
STOPS = {
    "first step": (1, "goes on after 1 step"),
    "middle": (4, "goes on after 4 steps"),
    "last step of an epoch": (STEPS, "goes on after 8 steps"),
    "validation": (STEPS + 1, "goes on after 8 steps"),
    "first step of the second epoch": (STEPS + 2, "goes on after epoch 1 and 1 step"),
    "last step of the last epoch": (3 * STEPS + 2, "goes on after epoch 2 and 8 steps"),
    "last validation": (3 * STEPS + 3, "goes on after epoch 2 and 8 steps"),
    "test": (3 * STEPS + 4, "goes on after epoch 3"),
}


@pytest.fixture
def at_terminal(train, monkeypatch) -> Callable[..., tuple[int, str]]:
    """`train` with a terminal for its output -> (exit code, all that the terminal was sent)."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        sent: list[bytes] = []

        def listen() -> None:
            try:
                while part := os.read(ours, 10_000):
                    sent.append(part)
            except OSError:  # Linux's way to say that the other end is closed
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        before = sys.stdout
        try:
            with os.fdopen(theirs, "w", encoding="utf-8") as sys.stdout:
                code = train(*words).code
        finally:
            sys.stdout = before
            listener.join()
            os.close(ours)
        return code, b"".join(sent).decode()

    return call


def outcome(study: str) -> tuple:
    (r,) = record.read_study(Path("runs") / study)
    rows = [{k: v for k, v in row.items() if k not in ("epoch_s", "images_per_s")} for row in history(r)]
    return r.state, r.error, r.metrics, rows, (Path(r.folder) / "weights.pt").read_bytes()


def history(r: dict) -> list[dict[str, float]]:
    return record.load_history(Path(r.folder))


@pytest.mark.parametrize("where", STOPS)
@pytest.mark.slow
def test_a_run_stopped_at_any_boundary_goes_on_at_a_terminal(train, at_terminal, tmp_path, where):
    at, said = STOPS[where]
    (tmp_path / "mine" / "color").mkdir(parents=True)
    Path("mine/color/stops.yaml").write_text(f"_target_: trouble.Stops\nat: {at}\n")
    words = ("--config-dir=mine", "color=stops", *CUT)
    code, shown = at_terminal(*words, "name=cut")
    assert code == 143
    if at > STEPS:
        assert re.search(r"epoch \d/3 [━╌]", shown), "the live line was there"
    (r,) = record.read_study(Path("runs/cut"))
    assert (r.state, r.error) == ("running", "stopped by SIGTERM")
    Path("mended").touch()
    code, shown = at_terminal(*words, "name=cut")
    assert code == 0, shown
    assert f"{said}\r\n" in shown
    assert re.search(r"seed=0  test \d+\.\d\d%  \d+:\d\d\r\n", shown)
    assert train(*words, "name=whole").code == 0
    assert outcome("cut") == outcome("whole")


def test_time_left_is_not_shown_before_a_step_was_taken(capsys, monkeypatch):
    class Terminal:
        text = ""

        def update(self, text: object) -> None:
            self.text = str(text)

    show = Progress(RunRecord(id="0", state="running", cell={}, seed=0, config={"epochs": 2}), place=(1, 1))
    show.live = Terminal()  # type: ignore[assignment]
    show.begin(steps=8, done=8, history=[])
    show.step(8, 0.5)
    assert "left" not in show.live.text  # type: ignore[union-attr]
    assert "epoch 1/2 ━━━━━╌╌╌╌╌  loss 0.500" in show.live.text  # type: ignore[union-attr]
