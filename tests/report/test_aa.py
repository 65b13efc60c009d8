"""A/A: runs of one recipe, whose arms cannot differ, dealt out to studies."""

import importlib.util
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from ablate.train import build

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/aa.py"
TINY = ("data=synthetic", "batch=128", "model.dim=8", "hydra/launcher=basic")


@pytest.fixture(scope="module")
def aa():
    spec = importlib.util.spec_from_file_location("aa", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def runs(values: np.ndarray) -> pd.DataFrame:
    """Accuracies, (seeds, arms)."""
    return pd.DataFrame(
        [
            {"aa": arm, "seed": seed, "test_acc": row[i]}
            for seed, row in enumerate(values)
            for i, arm in enumerate("abc")
        ]
    )


@pytest.mark.slow
def test_the_share_of_wrong_verdicts_is_counted(aa):
    values = 0.5 + 0.01 * np.random.default_rng(0).standard_normal((61, 3))
    lines = aa.told(runs(values), 3).splitlines()
    assert lines[0] == "183 runs of one recipe: 20 studies of 3 arms with 3 seeds, 60 contrasts"
    assert [line for line in lines if "report.method" in line] == ["report.method=paired", "report.method=auto"]
    assert all("5 % would be 0 to 7" in line for line in lines if "contrasts with" in line)
    planted = values + np.array([0.2, 0, 0])
    assert aa.told(runs(planted), 3).count("studies with a wrong better or worse: 20 of 20, 100.0 %") == 2
    assert aa.share(0, 20) == "0.0 % (95 % interval 0.0 to 16.8)"


def test_studies_are_drawn_from_all_seeds_and_held_against_them(aa):
    values = 0.5 + 0.01 * np.random.default_rng(0).standard_normal((40, 3)) + np.array([0.2, 0, 0])
    lines = aa.resampled(runs(values), 3, 10).splitlines()
    assert lines[0] == "10 studies of 3 seeds, drawn from these 40; they share runs"
    for line in lines[1:]:
        held, called = (float(part.split(" % of")[0].split()[-1]) for part in line.split(";"))
        assert held >= 80, "an arm that is better in all of them is no error of the interval"
        assert called == 100


def test_each_seed_is_in_one_study_and_what_is_left_over_in_none(aa):
    dealt = aa.studies(runs(np.zeros((7, 3))), 3)
    assert [sorted(part["seed"].unique()) for part in dealt] == [[0, 1, 2], [3, 4, 5]]
    assert all(len(part) == 9 for part in dealt)


def test_arms_of_the_axis_start_from_other_weights_and_see_the_same_images():
    one, two = (build.model({**config, "seed": 3}, (1, 28, 28), 10) for config in composed("+aa=a", "+aa=b"))
    plain = build.model({**composed("seed=3")[0]}, (1, 28, 28), 10)
    weights = [dict(model.named_parameters())["head.weight"] for model in (one, two, plain)]
    for first, second in itertools.combinations(weights, 2):
        assert not torch.equal(first, second)
    again = build.model({**composed("+aa=a")[0], "seed": 3}, (1, 28, 28), 10)
    assert torch.equal(weights[0], dict(again.named_parameters())["head.weight"])
    first, second = composed("+aa=a", "+aa=b")
    assert {k: v for k, v in first.items() if k != "init"} == {k: v for k, v in second.items() if k != "init"}


def composed(*words: str) -> list[dict]:
    """The config of each word."""
    found = []
    for word in words:
        with initialize_config_dir(str(SCRIPT.parents[1] / "conf"), version_base="1.3"):
            found.append(OmegaConf.to_container(compose("config", [word]), resolve=True))
    return found


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
        "12 runs of one recipe: 2 studies of 3 arms with 2 seeds, 6 contrasts\nreport.method=paired\n"
    )
    records = sorted((tmp_path / "runs/aa").glob("*/record.json"))
    assert len(records) == 12
    assert all('"attempts": 1' in file.read_text() for file in records)
