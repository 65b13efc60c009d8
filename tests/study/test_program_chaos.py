"""examples/any_program/loop.py killed at random moments, stopped, and started twice at once.

What test_chaos.py and test_survival.py hold of our own training, with somebody else's program, under each
launcher. $ABLATE_KILLS says how many studies are killed.
"""

import os
import random
import signal
import subprocess
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from kills import kill_studies
from programs import ROOT, command, environ

from ablate.records import record, turns

pytestmark = pytest.mark.slow
LAUNCHERS = ("processes", "joblib", "submitit_local")
TIMES = max(1, int(os.environ.get("ABLATE_KILLS", "3")) // 3)
LOOP = str(ROOT / "examples/any_program/loop.py")


def start(folder: Path, name: str, launcher: str, steps: int = 2000) -> subprocess.Popen:
    words = (LOOP, "-m", "lr=0.01,0.3", "seed=1,2", f"steps={steps}", f"hydra.sweeper.name={name}")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    return subprocess.Popen(  # type: ignore[call-overload]
        command(*words, f"hydra/launcher={launcher}"), cwd=folder, env=environ(), **pipes
    )


def content(study: Path) -> dict[str, tuple]:
    """What each run left, by id."""
    found = {}
    for one in record.read_study(study):
        rows = record.load_history(Path(one.folder))
        steps = [row["step"] for row in rows]
        assert steps == sorted(set(steps)), "each step once, though a kill may cost the rows of some seconds"
        assert rows[-1]["val/loss"] == one.metrics["val/loss"]
        found[one.id] = (one.state, one.error, one.metrics["val/loss"])
    return found


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_study_killed_at_random_moments_comes_out_as_if_it_was_not(tmp_path, launcher):
    began = time.monotonic()
    with start(tmp_path, "calm", launcher) as study:
        said, _ = study.communicate()
    assert study.returncode == 0, said
    length, calm = time.monotonic() - began, content(tmp_path / "runs/calm")
    assert len(calm) == 4

    def check(study: str) -> None:
        assert content(tmp_path / "runs" / study) == calm

    begin = partial(start, tmp_path, launcher=launcher)
    print(f"{launcher}: {kill_studies(begin, check, TIMES, random.Random(launcher), length)}")


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_ctrl_c_ends_a_study_within_seconds_and_loses_nothing(tmp_path, launcher):
    study = start(tmp_path, "long", launcher, steps=10**6)
    folder = tmp_path / "runs/long"
    with study:
        while not any(file.stat().st_size > 2000 for file in folder.glob("*/log.csv")):
            assert study.poll() is None, study.stdout.read()
            time.sleep(0.2)
        began = time.monotonic()
        study.send_signal(signal.SIGINT)  # to the one process: who presses the keys sends it to all
        said, _ = study.communicate(timeout=60)
        assert time.monotonic() - began < 30
    assert study.returncode == 130, said
    assert "run the same command again to finish what is missing" in said
    found = record.read_study(folder)
    assert {one.state for one in found} <= {"running", "waiting"}
    begun = [one for one in found if (Path(one.folder) / "last.json").exists()]
    assert begun
    assert all(one.state == "running" for one in begun)
    assert not list(folder.glob("*/.claim*"))
    left = {file: file.stat().st_size for file in folder.glob("*/log.csv")}
    time.sleep(1)
    assert {file: file.stat().st_size for file in left} == left, "no run goes on without its command"


def test_a_run_that_was_about_to_begin_does_not(tmp_path):
    """submitit keeps SIGTERM from a job until it has begun; so it is written down what was stopped."""
    folder = tmp_path / "runs/early"
    folder.mkdir(parents=True)
    turns.stop(folder, 1)
    with start(tmp_path, "early", "processes", steps=5) as study:
        said, _ = study.communicate()
    assert study.returncode != 0, said
    assert not list(folder.glob("*/log.csv")), "the program was not called"
    turns.stop(folder, 3)  # one that began later, and is no reason for others to stop
    with start(tmp_path, "early", "processes", steps=5) as study:  # the second command of the study
        said, _ = study.communicate()
    assert study.returncode == 0, said
    assert {one.state for one in record.read_study(folder)} == {"done"}


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_two_commands_at_once_share_a_study(tmp_path, launcher):
    with start(tmp_path, "both", launcher) as one, start(tmp_path, "both", launcher) as other:
        said = [study.communicate(timeout=600)[0] for study in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    found = record.read_study(tmp_path / "runs/both")
    assert [(each.state, each.attempts) for each in found] == [("done", 1)] * 4


def test_a_run_killed_after_its_last_step_starts_anew(tmp_path):
    """It goes on from its own last state, has nothing left to do, and says no number: that is no failure."""
    with start(tmp_path, "end", "processes", steps=5) as study:
        assert study.communicate()[0]
    folder = tmp_path / "runs/end"
    before = content(folder)
    for one in record.read_study(folder):
        record.save(Path(one.folder), replace(one, state="running", metrics={}, ended=None))
        assert (Path(one.folder) / "last.json").exists()
    with start(tmp_path, "end", "processes", steps=5) as study:
        said, _ = study.communicate()
    assert study.returncode == 0, said
    assert content(folder) == before
    assert [one.attempts for one in record.read_study(folder)] == [3] * 4, "one that came to nothing, and one anew"
