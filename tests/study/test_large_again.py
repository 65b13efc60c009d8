"""The same command on a large finished study, with its verdict and pages: seconds of one core, and memory.

ABLATE_LARGE=1 takes the full figure, 10,000 runs of 100 cells. The records are copies of real ones with ids,
seeds, cells and accuracies of their own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny import TINY

from ablate.records import record
from ablate.records.damage import sealed
from ablate.study.launch import environment

HOME = Path(__file__).parents[2]
LARGE = "ABLATE_LARGE" in os.environ
RUNS, BAR_S, BAR_BYTES = (10_000, 60, 1.5e9) if LARGE else (1_000, 25, 1.5e9)
LR = ",".join(f"{n}e-4" for n in range(1, 11))
DECAY = ",".join(f"0.{n}" for n in range(10, 20))
SMALL = ("data.train=64", "data.val=16", "data.test=16", "tracker=none")
# The kernel starts a process's peak with its parent's, so a small parent measures, never the one with all tests.
MEASURES = """
import json, os, subprocess, sys
with open("said", "w") as said:
    process = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=said, stderr=said)
    _, status, took = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([process.returncode, took.ru_utime + took.ru_stime, took.ru_maxrss]))
"""
ONLY_PLANS = """
import sys
from ablate.study.rounds import Rounds
Rounds.due = lambda self: []
sys.argv[0] = "train"
from ablate.train.__main__ import main
main()
"""


def command(folder: Path, seeds: int) -> list[str]:
    axes = (f"optim.lr={LR}", f"optim.weight_decay={DECAY}", f"seed=range({seeds})")
    return ["-m", *axes, *TINY, *SMALL, f"hydra.sweep.dir={folder}"]


def fill(real: Path, study: Path) -> int:
    """A record, a history and predictions for each run of the plan; how many."""
    (source,) = [file.parent for file in real.glob("*/record.json")]
    plan = record.read_plan(study)
    with np.load(source / "predictions.npz") as found:
        predictions = dict(found)
    for number, entry in enumerate(plan.runs):
        one = json.loads((source / "record.json").read_text())
        del one["sum"]
        one |= {"id": entry.id, "study": plan.study, "cell": entry.cell, "seed": entry.seed, "turn": 1}
        one |= {"recipe": entry.recipe, "baseline": entry.baseline, "overrides": entry.overrides}
        one["config"]["seed"] = entry.seed
        for axis, value in entry.cell.items():
            part, key = axis.split(".")
            one["config"][part][key] = float(value)
        assert record.identity(one["config"]) == entry.id
        one["metrics"]["test_acc"] = 0.5 + number * 7919 % 1000 / 10_000
        folder = study / entry.id
        folder.mkdir()
        (folder / "record.json").write_text(sealed(one))
        (folder / "history.csv").write_bytes((source / "history.csv").read_bytes())
        np.savez_compressed(folder / "predictions.npz", **predictions | {"run": entry.id})
    return len(plan.runs)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="tells what one process took")
def test_the_same_command_on_a_finished_study_takes_seconds(tmp_path):
    # Without what our commands have set for the runs of other tests: memory that is kept is not what is needed.
    env = {name: value for name, value in os.environ.items() if name not in environment.settings()}
    env |= {"PYTHONPATH": str(HOME), "OMP_NUM_THREADS": "1"}
    real, study = tmp_path / "real", tmp_path / "study"
    one = ["-m", "ablate.train", *TINY, *SMALL, "-m", f"hydra.sweep.dir={real}", "seed=0"]
    subprocess.run([sys.executable, *one], env=env, cwd=tmp_path, check=True, capture_output=True)
    words = command(study, RUNS // 100)
    subprocess.run([sys.executable, "-c", ONLY_PLANS, *words], env=env, cwd=tmp_path, capture_output=True)
    assert fill(real, study) == RUNS
    measured = subprocess.run(
        [sys.executable, "-c", MEASURES, "-m", "ablate.train", *words],
        env=env, cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    code, seconds, peak = json.loads(measured.stdout)
    text, size = (tmp_path / "said").read_text(), peak * (1 if sys.platform == "darwin" else 1024)
    print(f"{RUNS:,} finished runs: {seconds:.1f} s of one core, {size / 1e9:.2f} GB")
    assert code == 0, text
    assert f"{RUNS} runs, {RUNS} finished before" in text
    assert (study / "report" / "report.html").exists()
    assert seconds < BAR_S
    assert size < BAR_BYTES
