"""Ctrl-C ends a command, whatever it comes in the middle of."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny import TINY

from ablate.__main__ import COMMANDS
from ablate.config import interrupted

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hears():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def lost() -> None:
    """A Ctrl-C that a library catches."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass
    else:
        pytest.fail("nothing was raised")


def fails(after) -> None:
    after()
    raise AttributeError("of the library")


def test_an_error_after_it_is_a_keyboard_interrupt(hears):
    with pytest.raises(KeyboardInterrupt), interrupted.remembered():
        fails(after=lost)
    with pytest.raises(AttributeError, match="of the library"), interrupted.remembered():
        fails(after=lambda: None)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_was_lost_is_raised_by_a_look(hears):
    with interrupted.remembered():
        interrupted.look()
        lost()
        with pytest.raises(KeyboardInterrupt):
            interrupted.look()
    interrupted.look()


def test_one_stands_in_another(hears):
    with interrupted.remembered():
        with interrupted.remembered():
            lost()
        with pytest.raises(KeyboardInterrupt):
            interrupted.look()
    interrupted.look()


def test_another_handler_stays(hears):
    heard = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    with interrupted.remembered():
        signal.raise_signal(signal.SIGINT)
        interrupted.look()
    assert heard == [signal.SIGINT]


def hearing() -> None:
    """Of a process that is started: the tests may run in the background of a shell, which hears no Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def python(program: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=hearing)


@pytest.mark.parametrize("then", ["pass", "raise ImportError"])
def test_one_before_a_command_began_is_a_line(then):
    program = f"""
import signal
from ablate.config import leaving

def main():
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        {then}

leaving.at_once(main)
"""
    done = python(program)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "ablate: stopped\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_nothing_large_before_it_hears_ctrl_c(command):
    done = python(f"import ablate.{command}.__main__, sys; print(*sys.modules)")
    assert not {"torch", "hydra", "omegaconf", "numpy", "rich", "scipy", "filelock"} & set(done.stdout.split())
    assert "signal" in done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.6, 0.9, 1.1, 1.3, 1.6, 2, 3, 4, 5, 6, 7])
def test_a_command_that_plans_says_one_line(tmp_path, after):
    command = [sys.executable, "-m", "ablate.train", "-m", "pos=none,learned", "tracker=none", *TINY]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "epochs=10000"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=hearing,
    ) as study:
        time.sleep(after)
        os.killpg(study.pid, signal.SIGINT)
        try:
            said, _ = study.communicate(timeout=60)
        finally:
            study.kill()
    assert "Traceback" not in said
    assert study.returncode == 130
    said_last = said.splitlines()[-1]
    if "runs at once" in said:
        assert said_last.endswith("run the same command again to finish what is missing")
    else:
        assert said_last.startswith("ablate: stopped")
