"""A study killed at random moments, and two commands at once: every run is done once and comes out the same.

$ABLATE_KILLS says how many studies are killed (2 by default, the figures in docs were taken with 30); a study is
killed at up to three moments and then left to end.
"""

import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from kills import kill_studies
from tiny import TINY

from ablate.records import record

pytestmark = pytest.mark.slow
TIMES = int(os.environ.get("ABLATE_KILLS", "2"))
WORDS = ("-m", "pos=none,learned", "patch=4,7", "tracker=none", "epochs=3", "batch=64", "data.train=4096")


def start(study: str, *words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "ablate.train", *TINY, *WORDS, f"name={study}", *words]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, env=env, start_new_session=True, **said)  # type: ignore[call-overload]


def content(study: str) -> dict[str, tuple]:
    """What each run left that does not hang on the clock, by id."""
    found = {}
    for r in record.read_study(Path("runs") / study):
        folder = Path(r.folder)
        rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
        curves = [[v for k, v in row.items() if k not in ("epoch_s", "images_per_s")] for row in rows]
        weights = torch.load(folder / "weights.pt", weights_only=True)
        bits = [w.numpy().tobytes() for w in weights.values()]
        predicted = np.load(folder / "predictions.npz")["test"].tobytes()
        files = sorted(file.name for file in folder.iterdir())
        found[r.id] = (r.state, r.error, r.metrics, curves, bits, predicted, files)
    return found


def strays(study: str) -> list[str]:
    """Files of a study that no finished one has."""
    runs = {r.id for r in record.read_study(Path("runs") / study)}
    return [f.name for f in (Path("runs") / study).iterdir() if f.name not in {*runs, "study.json", "report"}]


@pytest.mark.parametrize("launcher", ["processes", "joblib"])
def test_a_study_killed_at_random_moments_comes_out_as_if_it_was_not(tmp_path, monkeypatch, launcher):
    monkeypatch.chdir(tmp_path)
    words = [f"hydra/launcher={launcher}"] + (["hydra.launcher.n_jobs=2"] if launcher == "joblib" else [])
    began = time.monotonic()
    with start("calm", *words) as study:
        said, _ = study.communicate()
    assert study.returncode == 0, said
    length, calm = time.monotonic() - began, content("calm")

    def check(study: str) -> None:
        assert content(study) == calm
        assert strays(study) == []

    print(f"{launcher}: {kill_studies(lambda name: start(name, *words), check, TIMES, random.Random(0), length)}")


@pytest.mark.parametrize("turn", range(max(1, TIMES // 6)))
def test_two_commands_at_once_share_a_study(tmp_path, monkeypatch, turn):
    monkeypatch.chdir(tmp_path)
    more = ("pool=cls,mean,max", "epochs=1")
    with start("both", *more) as one, start("both", *more) as other:
        said = [study.communicate(timeout=600)[0] for study in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    found = record.read_study(Path("runs/both"))
    assert [(r.state, r.attempts) for r in found] == [("done", 1)] * 12
    assert strays("both") == []
    trained = [sum("seed=0  test " in line for line in text.splitlines()) for text in said]
    assert sum(trained) == 12
