"""An experiment of ten lines without image, class and epoch, through all that a study does."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from programs import command, environ, run, write

from ablate.records import record

HILL = """
import json, random, time
from ablate.study.experiment import DryBuild

class Hill:
    keys, preload, metrics, costs = None, (), ("score",), ("steps",)
    def dry_build(self, config): return DryBuild(problems=["x=9 is too far"] if config["x"] == 9 else [])
    def content(self, config): return {}
    def prepare(self, configs): pass
    def flops(self, config): return None

    def train(self, config, attempt):
        state = attempt.folder / "state.json"
        begin = json.loads(state.read_text()) if state.exists() else 0
        for step in range(begin, config["steps"]):
            attempt.pause()
            state.write_text(str(step))
            time.sleep(config["pause_s"])
        with open("begun.txt", "a") as file:
            print(config["x"], config["seed"], begin, file=file)
        luck = random.Random(config["seed"] * 7 + config["x"]).random()
        score = 0.9 - 0.02 * (config["x"] - 1) ** 2 + 0.002 * luck
        attempt.note(metrics={"score": score}, cost={"steps": config["steps"]})
"""
APP = """
import hydra

@hydra.main(version_base="1.3", config_path="conf", config_name="hill")
def main(cfg):
    raise AssertionError("the experiment is trained in its place")

if __name__ == "__main__":
    main()
"""
CONF = """
defaults: [_self_, override hydra/sweeper: ablate]
seed: 1
x: 1
steps: 3
pause_s: 0.0
hydra: {sweeper: {experiment: hill.Hill, metric: score, direction: maximize, unit: m}}
"""
STUDY = ("app.py", "-m", "x=1,2", "seed=1,2,3")


@pytest.fixture
def hill(tmp_path):
    return write(tmp_path, {"hill.py": HILL, "app.py": APP, "conf/hill.yaml": CONF})


def begun(folder: Path) -> list[list[str]]:
    return sorted(line.split() for line in (folder / "begun.txt").read_text().splitlines())


@pytest.mark.parametrize("launcher", ["processes", pytest.param("joblib", marks=pytest.mark.slow)])
def test_from_words_to_a_verdict(hill, launcher):
    said = run(hill, *STUDY, f"hydra/launcher={launcher}")
    assert said.returncode == 0, said.stderr
    found = record.read_study(hill / "runs/x")
    assert [(one.cell, one.seed, one.state) for one in found] == [
        ({"x": str(x)}, seed, "done") for x in (1, 2) for seed in (1, 2, 3)
    ]
    assert [one.cost for one in found] == [{"steps": 3}] * 6
    assert "score: more is better" in said.stdout
    assert "x: 1 is better than 2 by" in " ".join(said.stdout.split())
    page = (hill / "runs/x/report/report.md").read_text()
    assert "1 is better than 2 by" in page
    ours = "\n".join(line for line in said.stdout.splitlines() if "pre_dispatch" not in line)  # joblib's own
    for word in ("epoch", "class", "patch", "image", "accuracy", "points", "acc %"):
        assert word not in ours.replace("95 %", "").replace("5 %", ""), word
    again = run(hill, *STUDY, f"hydra/launcher={launcher}")
    assert "x: 6 runs, 6 finished before" in again.stdout
    assert len(begun(hill)) == 6


def test_what_the_experiment_refuses_is_said_before_anything_is_trained(hill):
    said = run(hill, "app.py", "-m", "x=1,9")
    assert (said.returncode, said.stderr) == (2, "ablate: x=9 is too far\n"), said.stderr
    assert not (hill / "begun.txt").exists()


@pytest.mark.slow
def test_two_commands_at_once_do_each_run_once(hill):
    slow = (*STUDY, "steps=6", "pause_s=0.1")
    two = [subprocess.Popen(command(*slow), cwd=hill, env=environ(), stdout=subprocess.PIPE) for _ in range(2)]
    assert [one.wait(200) for one in two] == [0, 0]
    for one in two:
        one.stdout.close()
    assert [row[:2] for row in begun(hill)] == [[str(x), str(seed)] for x in (1, 2) for seed in (1, 2, 3)]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_cut_off_goes_on(hill, number):
    slow = (*STUDY, "steps=30", "pause_s=0.05")
    with subprocess.Popen(command(*slow), cwd=hill, env=environ(), stderr=subprocess.DEVNULL) as one:
        until = time.monotonic() + 60
        while not list(hill.glob("runs/x/*/state.json")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        claim, *_ = hill.glob("runs/x/*/claim")
        os.kill(json.loads(claim.read_text())["pid"] if number == signal.SIGKILL else one.pid, number)
        assert one.wait(200) == (0 if number == signal.SIGKILL else 143), "a run that dies is tried once more"
    again = run(hill, *slow)
    assert again.returncode == 0, again.stderr
    assert len(begun(hill)) == 6
    assert max(int(row[2]) for row in begun(hill)) > 3, "it went on from where it was"
    assert {one.state for one in record.read_study(hill / "runs/x")} == {"done"}
