"""What is shown never ends a run: lost terminals, closed pipes, full disks, narrow encodings."""

import errno
import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from tiny import TINY

from ablate.config.output import Forgiving, forgiving
from ablate.records import record
from ablate.records.stop import Stopped

SLOW = ("terminal", "closed", "none")
BROKEN = ("pipe", "full", *(pytest.param(kind, marks=pytest.mark.slow) for kind in SLOW))


def broken(kind: str) -> TextIO | None:
    """A stream that can show nothing any more."""
    if kind == "none":
        return None
    if kind == "full":
        return open("/dev/full", "w", encoding="utf-8")
    reading, writing = pty.openpty() if kind == "terminal" else os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    if kind == "closed":
        stream.close()
    return stream


@contextmanager
def shown_nowhere(kind: str) -> Iterator[None]:
    """Both standard streams are broken. Called in the test: pytest sets them anew after its fixtures."""
    before, streams = (sys.stdout, sys.stderr), (broken(kind), broken(kind))
    sys.stdout, sys.stderr = streams  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
    for stream in streams:
        if stream:
            stream.close()  # raises where nobody has settled it


def states(study: str) -> list[str]:
    return [r.state for r in record.read_study(Path("runs") / study)]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_study_that_nobody_can_see_is_trained_all_the_same(train, kind):
    with shown_nowhere(kind):
        assert train("-m", "pos=none,learned").code == 0
    assert states("pos") == ["done", "done"]
    assert Path("runs/pos/report/report.html").is_file()


@pytest.mark.parametrize("kind", ["pipe", "none"])
def test_a_part_of_the_users_may_print_where_nobody_looks(train, kind, monkeypatch):
    from ablate.axes.pos import Learned

    forward = Learned.forward

    def chatty(self, *given):
        print("here", flush=True)
        sys.stderr.write("and here\n")
        return forward(self, *given)

    monkeypatch.setattr(Learned, "forward", chatty)
    with shown_nowhere(kind):
        assert train("pos=learned").code == 0
    assert states("single") == ["done"]


@pytest.mark.parametrize("kind", ["pipe", "closed"])
@pytest.mark.parametrize(("words", "code"), [(("--cfg", "job"), 0), (("--help",), 0), (("pos=wrong",), 2)])
def test_what_only_shows_ends_quietly_too(train, kind, words, code):
    with shown_nowhere(kind):
        assert train(*words).code == code


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.slow
def test_what_an_encoding_cannot_show_is_replaced(train, monkeypatch, encoding):
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding))
    assert train("-m", "pos=none,learned", "seed=0,1").code == 0
    sys.stdout.flush()
    said = shown.getvalue().decode(encoding)
    assert "no verdict" not in said
    assert "report: runs/pos/report" in said
    assert "\N{MINUS SIGN}" not in said
    assert Path("runs/pos/report/report.html").is_file()


def test_signs_are_replaced_by_what_comes_nearest_and_never_turn_round():
    shown = io.BytesIO()
    stream = Forgiving(io.TextIOWrapper(shown, "ascii"))
    print("−3.10 ± 0.20, – and größe", file=stream)
    stream.flush()
    assert shown.getvalue() == b"-3.10 +- 0.20, - and gr??e\n"
    assert stream.lost is None


def test_a_full_disk_is_told_where_there_is_still_somebody_to_tell(monkeypatch, capsys):
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with forgiving():
            print("the verdict")
        monkeypatch.undo()
    assert capsys.readouterr().err == "ablate: not all could be shown: No space left on device\n"


def test_a_disk_that_has_room_again_is_written_on(monkeypatch):
    """A log is not given up at its first error."""
    kept: list[str] = []

    class Log(io.StringIO):
        def write(self, text: str) -> int:
            if len(kept) == 0:
                kept.append("")
                raise OSError(errno.ENOSPC, "No space left on device")
            kept.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Log())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with forgiving():
        sys.stdout.write("one")
        sys.stdout.write("two")
    monkeypatch.undo()
    assert kept == ["", "two"]


def test_a_stop_is_not_swallowed(monkeypatch):
    class Stopping(io.StringIO):
        def write(self, text: str) -> int:
            raise Stopped(15)

    monkeypatch.setattr(sys, "stdout", Stopping())
    with pytest.raises(Stopped), forgiving():
        print("x")


# ---- as users do it: real processes

ROOT = str(Path(__file__).parents[2])
T = [sys.executable, "-m", "ablate.train", *TINY, "tracker=none"]
ENV = os.environ | {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"}


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["processes", "basic", "joblib", "submitit_local"])
def test_head_takes_one_line_and_the_study_goes_on(tmp_path, monkeypatch, launcher):
    monkeypatch.chdir(tmp_path)
    words = [*T, "-m", "pos=none,learned", f"hydra/launcher={launcher}"]
    with subprocess.Popen(words, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as study:
        assert study.stdout is not None
        assert study.stderr is not None
        assert study.stdout.readline() == "pos: 2 runs\n"
        study.stdout.close()
        said = study.stderr.read()
    assert (study.returncode, said) == (0, "")
    assert states("pos") == ["done", "done"]


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["processes", "basic"])
def test_a_terminal_that_goes_away_takes_no_run_with_it(tmp_path, monkeypatch, launcher):
    monkeypatch.chdir(tmp_path)
    ours, theirs = pty.openpty()
    words = [*T, "-m", "pos=none,learned", "epochs=20", f"hydra/launcher={launcher}"]
    with subprocess.Popen(words, env=ENV, stdout=theirs, stderr=theirs, start_new_session=True) as study:
        os.close(theirs)
        while b"epoch" not in os.read(ours, 1000):
            pass
        os.close(ours)
    assert study.returncode == 0
    assert states("pos") == ["done", "done"]


@pytest.mark.slow
def test_a_full_log_takes_no_run_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("/dev/full", "w", encoding="utf-8") as log:
        study = subprocess.run([*T, "-m", "pos=none,learned"], env=ENV, stdout=log, stderr=log)
    assert study.returncode == 0
    assert states("pos") == ["done", "done"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["latin-1", "C"],
)
def test_a_terminal_that_is_not_utf_8(tmp_path, monkeypatch, env):
    monkeypatch.chdir(tmp_path)
    study = subprocess.run([*T, "-m", "pos=none,learned"], env=ENV | env, capture_output=True)
    assert study.returncode == 0, study.stderr
    assert study.stderr == b""
    assert b"report: runs/pos/report" in study.stdout
    assert states("pos") == ["done", "done"]
    again = [sys.executable, "-m", "ablate.report", "runs/pos"]
    report = subprocess.run(again, env=ENV | env, capture_output=True)
    assert (report.returncode, report.stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        "train --help",
        "train --cfg job",
        "report",
        "cost --processes 1 --seconds 0.1 pos=none,learned",
        "audit pos=none",
    ],
)
def test_a_pipe_that_is_closed_at_once(tmp_path, monkeypatch, module):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    name, *rest = module.split()
    words = [sys.executable, "-m", f"ablate.{name}", *rest]
    if name in ("cost", "audit"):
        words += ["-m", *TINY]
    if name == "report":
        words += ["--help"]
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(words, env=ENV, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")
