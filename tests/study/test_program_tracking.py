"""A study of another program in W&B: one run of ours with the report, in the project of the program's own runs."""

import sys
from pathlib import Path

import pytest
from programs import quadratic, run

sys.path.append(str(Path(__file__).parents[1] / "tracking"))
import wandb_file

ASK = ("-m", "method=slow,fast", "seed=1,2,3", "hydra/sweeper=ablate", "hydra.sweeper.metric=rmse")
PROJECT = "hydra.sweeper.wandb.project=logger.wandb.project"


@pytest.fixture
def program(tmp_path):
    quadratic(tmp_path)
    conf = tmp_path / "conf/quadratic.yaml"
    conf.write_text(conf.read_text() + "logger: {wandb: {project: zoo}}\n")
    return tmp_path


@pytest.mark.slow
def test_the_report_is_one_more_run_of_the_programs_project(program):
    said = run(program, "quadratic.py", *ASK, PROJECT, WANDB_MODE="offline")
    assert said.returncode == 0, said.stderr
    assert "W&B: offline" in said.stdout
    assert "wandb sync runs/method/wandb/offline-run-*" in said.stdout
    (seen,) = wandb_file.read_all(program / "runs/method")
    assert (seen.project, seen.group, seen.job_type, seen.name) == ("zoo", "method", "report", "report on method")
    assert seen.summary["verdict_text"].startswith("best: method=fast: rmse 0.3")
    again = run(program, "quadratic.py", *ASK, PROJECT, WANDB_MODE="offline")
    assert "6 finished before" in again.stdout
    assert len(wandb_file.read_all(program / "runs/method")) == 1, "the same report is sent once"


@pytest.mark.slow
def test_without_a_project_there_is_none(program):
    for words in ((), ("hydra.sweeper.wandb.project=logger.comet.project",)):
        said = run(
            program, "quadratic.py", *ASK, *words, f"hydra.sweeper.name=n{len(words)}", WANDB_MODE="offline"
        )
        assert said.returncode == 0, said.stderr
        assert "W&B" not in said.stdout
