"""What needs torch is called in another process, and nobody can tell by what comes of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ablate.config.errors import UserError
from ablate.study.launch import pool
from ablate.study.launch.elsewhere import Elsewhere, Remote
from ablate.study.launch.process import CONTEXT

pytestmark = pytest.mark.skipif(CONTEXT.get_start_method() != "forkserver", reason="no server of forks here")


@pytest.fixture
def call():
    made = Elsewhere(lambda: pool.warm(["ablate.config.errors"]))
    yield made
    made.close()


def process_of() -> int:
    return os.getpid()


def refuses() -> None:
    raise UserError("one", "two")


def fails() -> None:
    raise KeyError("a bug")


def leaves() -> None:
    sys.exit(7)


def dies(parent: int) -> str:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return "here"


class Odd(Exception):
    """Its arguments are not those of Exception, so that it does not arrive."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("odd")


def odd() -> None:
    raise Odd(1, 2)


def test_calls_share_a_process_and_are_answered(call):
    assert call(process_of) == call(process_of) != os.getpid()
    call.close()
    assert call(max, [3, 1]) == 3


def test_what_is_raised_arrives(call):
    with pytest.raises(UserError) as user:
        call(refuses)
    assert user.value.problems == ["one", "two"]
    assert user.value.__cause__ is None
    with pytest.raises(KeyError, match="a bug") as bug:
        call(fails)
    assert isinstance(bug.value.__cause__, Remote)
    assert "in fails" in str(bug.value.__cause__)
    with pytest.raises(SystemExit) as left:
        call(leaves)
    assert left.value.code == 7
    assert call(process_of) != os.getpid()


def test_what_cannot_go_or_come_back_is_called_here(call):
    lock = threading.Lock()
    assert call(lambda held: held is lock, lock)
    with pytest.raises(Odd, match="odd"):
        call(odd)
    assert call(dies, os.getpid()) == "here"
    assert call(process_of) != os.getpid()


def test_it_sees_the_environment_and_the_folder_of_now(call, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OF_THIS_TEST", "1")
    assert call(os.getenv, "OF_THIS_TEST") == "1"
    assert call(os.getcwd) == str(tmp_path)


PRINTS = """
from ablate.study.launch import pool
from ablate.study.launch.elsewhere import Elsewhere
call = Elsewhere(lambda: pool.warm([]))
print("before")
call(print, "between")
print("after")
call.close()
"""


def test_what_it_prints_stands_in_its_place(tmp_path):
    (tmp_path / "prints.py").write_text(PRINTS)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    given = [sys.executable, "prints.py"]
    said = subprocess.run(given, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert (said.stdout.split(), said.stderr) == (["before", "between", "after"], "")


WORKS = """
import os, time
from pathlib import Path
from ablate.study.launch import pool
from ablate.study.launch.elsewhere import Elsewhere

def works():
    Path("begun").write_text(str(os.getpid()))
    try:
        time.sleep(60)
    finally:
        Path("cleaned").touch()

if __name__ == "__main__":
    Elsewhere(lambda: pool.warm([]))(works)
"""


@pytest.mark.parametrize("is_of_terminal", [True, False])
def test_ctrl_c_lets_the_call_clean_up(tmp_path, is_of_terminal):
    (tmp_path / "works.py").write_text(WORKS)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "works.py"],
        cwd=tmp_path,
        env=env,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background hears no Ctrl-C
    ) as program:
        begun = tmp_path / "begun"
        while not (begun.exists() and begun.read_text()):
            assert program.poll() is None
            time.sleep(0.05)
        (os.killpg if is_of_terminal else os.kill)(program.pid, signal.SIGINT)
        try:
            _, said = program.communicate(timeout=30)
        finally:
            program.kill()
    assert (tmp_path / "cleaned").exists()
    assert said.count(b"KeyboardInterrupt") == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)
