"""A/A: runs that differ in the seed alone, dealt out to studies whose arms cannot differ."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/aa.py"
TINY = ("data=synthetic", "batch=128", "model.dim=8", "hydra/launcher=basic")


@pytest.fixture(scope="module")
def aa():
    spec = importlib.util.spec_from_file_location("aa", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_share_of_wrong_verdicts_is_counted(aa):
    values = list(0.5 + 0.01 * np.random.default_rng(0).standard_normal(9 * 20 + 4))
    said = aa.told(values, 3)
    assert said.startswith(
        "184 runs that differ in the seed alone, as 20 studies of 3 arms with 3 seeds: 60 contrasts\n"
    )
    assert "5 % would be 0 to 7" in said
    planted = [value + 0.2 * (i % 3 == 0) for i, value in enumerate(values)]
    assert "studies with a wrong better or worse: 20 of 20, 100.0 %" in aa.told(planted, 3)
    assert aa.share(0, 20) == "0.0 % (95 % interval 0.0 to 16.8)"


def test_each_run_is_dealt_once(aa):
    frame = aa.dealt([float(i) for i in range(9)], 3)
    assert sorted(frame["test_acc"]) == [float(i) for i in range(9)]
    assert len(frame.drop_duplicates(["aa", "seed"])) == 9


@pytest.mark.slow
def test_it_trains_what_is_missing_and_counts(tmp_path):
    command = [sys.executable, str(SCRIPT), "--studies", "2", "--seeds", "2", *TINY]
    env = os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])}
    said = [
        subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert said[0].startswith(
        "12 runs that differ in the seed alone, as 2 studies of 3 arms with 2 seeds: 6 contrasts"
    )
    records = sorted((tmp_path / "runs/aa").glob("*/record.json"))
    assert len(records) == 12
    assert all('"attempts": 1' in file.read_text() for file in records)
