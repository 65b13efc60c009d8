"""Several workers at a terminal of 80 columns: one table, with a row each; also with Ctrl-C and a failing run."""

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from rich.console import Console
from tiny import TINY
from trouble import CUT

from ablate.records import record
from ablate.study.launch.board import MARK, Board

ROW = {"run": "3/12 pos=none seed=0", "epoch": "2/5", "loss": "0.512", "images/s": "5,540", "left": "0:12"}
HOME = Path(__file__).parents[2]
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def drawn(board: Board) -> str:
    with board.console.capture() as said:
        board.console.print(board.table())
    return said.get()


def test_a_row_a_worker_and_above_it_what_they_print():
    out = io.StringIO()
    board = Board(Console(file=out, width=80, force_terminal=True, color_system=None))
    ours, theirs = os.pipe()
    text = f"{MARK}{str(ROW).replace(chr(39), chr(34))}\n3/12 pos=none  test 98%\nhalf"
    os.write(theirs, text.encode())
    assert board.hear("one", ours)
    assert out.getvalue() == "3/12 pos=none  test 98%\n"
    assert drawn(board).splitlines()[1].split() == [*ROW["run"].split(), "2/5", "0.512", "5,540", "0:12"]
    os.write(theirs, b" a line\n")
    os.close(theirs)
    assert not board.hear("one", ours)
    assert out.getvalue().endswith("half a line\n")
    board.clear("one")
    assert not drawn(board).strip()
    os.close(ours)


def test_no_row_is_wider_than_the_terminal_and_its_numbers_stay_whole():
    board = Board(Console(file=io.StringIO(), width=80))
    board.rows["one"] = ROW | {"run": "3/12 " + "optim.weight_decay=0.1 " * 5}
    lines = drawn(board).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(word in lines[1] for word in ("3/12 optim", "…", "2/5", "0.512", "5,540", "0:12"))


def at_terminal(folder: Path, *words: str, stop_at: str | None = None) -> tuple[int, str]:
    """A command at a terminal -> (exit code, what it was sent); Ctrl-C is typed once `stop_at` was shown."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TTY_COMPATIBLE")}
    env["PYTHONPATH"] = os.pathsep.join([str(HOME), str(HOME / "tests")])  # the parts of trouble.py
    rest = [word for word in TINY if word.partition("=")[0] not in [mine.partition("=")[0] for mine in words]]
    command = [sys.executable, "-m", "ablate.train", *words, *rest, "-m", "tracker=none"]
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=env | {"TERM": "xterm-256color"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    sent, until = b"", time.monotonic() + 240
    while time.monotonic() < until:
        try:
            part = os.read(ours, 10_000)
        except OSError:
            break
        if not part:
            break
        sent += part
        if stop_at and stop_at.encode() in sent:
            os.write(ours, b"\x03")
            stop_at = None
    os.close(ours)
    try:
        return process.wait(60), sent.decode("utf-8", "replace")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_two_workers_draw_one_table_and_a_failing_run_is_told_above_it(tmp_path, trouble):
    code, shown = at_terminal(
        tmp_path, trouble, "aug=calm,raises", "seed=0,1", *CUT, "hydra.launcher.workers=2", "name=two"
    )
    plain = CONTROL.sub("", shown)
    assert code == 3, plain
    assert re.search(r"run +epoch +loss +images/s +left", plain)
    assert MARK not in shown
    assert len(re.findall(r"seed=[01]  test \d", plain)) == 2
    states = sorted(one.state for one in record.read_study(tmp_path / "runs/two"))
    assert states == ["done", "done", "failed", "failed"]


@pytest.mark.slow
def test_ctrl_c_takes_the_table_away_and_the_runs_go_on_later(tmp_path):
    words = ("pos=none,learned", "epochs=400", "hydra.launcher.workers=2", "name=cut")
    code, shown = at_terminal(tmp_path, *words, stop_at="images/s")
    assert code == 130, shown
    assert shown.rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in shown, "the cursor is there again"
    assert {one.state for one in record.read_study(tmp_path / "runs/cut")} == {"running"}


@pytest.mark.slow
def test_the_only_run_of_a_study_has_its_live_line_however_many_workers_there_may_be(tmp_path):
    code, shown = at_terminal(tmp_path, "pos=none", "epochs=3", "hydra.launcher.workers=2", "name=one")
    assert code == 0, shown
    assert "1 run at once, 1 thread each" in shown
    assert re.search(r"epoch \d/3 [━╌]", shown)
    assert "images/s     left" not in CONTROL.sub("", shown)
