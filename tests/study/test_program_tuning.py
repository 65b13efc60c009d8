"""`hydra.sweeper.tune`: values chosen for each cell of somebody else's program, by a metric of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ablate.config.errors import UserError
from ablate.records import record
from ablate.records.metric import MetricFacts
from ablate.study.program import asked
from ablate.study.program.metric import NoMetric, also
from hydra_plugins.ablate_sweeper.sweeper import NODE

PROGRAM = Path(__file__).parents[2] / "examples/any_program/regression.py"
STUDY = ("-m", "model=line,curve", "seed=1,2")
TUNE = {"model.ridge": ["0.1", "1"]}
RMSE = MetricFacts(name="test/rmse", direction="minimize")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROGRAM, *STUDY, *words], cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_each_cell_gets_the_values_that_are_best_for_it(tmp_path):
    words = ("hydra.sweeper.tune={model.ridge: [10, 0.1, 0.001]}", "hydra.sweeper.tune_metric=mae")
    said = run(tmp_path, *words)
    assert said.returncode == 0, said.stderr
    assert "tuned by mae: less is better" in said.stdout
    assert "by mean mae over 2 seeds that no verdict uses." in " ".join(said.stdout.split())
    facts = record.read_plan(tmp_path / "runs/model-tuned").tuned
    assert facts is not None
    assert facts.by == MetricFacts(name="mae", direction="minimize")
    trials = record.read_study(tmp_path / "runs/model-tuning")
    assert {one.seed for one in trials} == {1000, 1001}
    for one in facts.chosen:
        means = {
            ridge: sum(r.metrics["mae"] for r in trials if r.cell == {**one.cell, "model.ridge": ridge}) / 2
            for ridge in facts.keys["model.ridge"]
        }
        assert (one.values["model.ridge"], one.score) == min(means.items(), key=lambda found: found[1])
        assert one.val_acc is None
    again = run(tmp_path, *words)
    assert again.stdout.count("finished before") == 3, "nothing is trained twice"


@pytest.mark.slow
def test_a_metric_that_no_run_has_fails_the_runs_and_names_those_there_are(tmp_path):
    said = run(tmp_path, "hydra.sweeper.tune={model.ridge: [0.1,1]}", "hydra.sweeper.tune_metric=val_mae")
    assert said.returncode == 3
    assert "hydra.sweeper.tune_metric=val_mae: no such number in this run; there are mae, rmse" in said.stdout
    assert not (tmp_path / "runs/model-tuning").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("hydra.sweeper.tune=seed", "hydra.sweeper.tune: seed is swept; a key is either swept or tuned"),
        ("hydra.sweeper.tune={model.ridge: [1]}", "hydra.sweeper.tune: model.ridge needs two values or more"),
        (
            "hydra.sweeper.tune_metric=mae",
            "hydra.sweeper.tune_metric=mae: hydra.sweeper.tune={KEY:[...]} says",
        ),
    ],
)
def test_what_cannot_be_tuned_is_one_line(tmp_path, words, line):
    said = run(tmp_path, words)
    assert (said.returncode, said.stderr.splitlines()[0].startswith(f"ablate: {line}")) == (2, True), said.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("name", "direction"), [("val/acc", "maximize"), ("val_loss", "minimize"), ("val/rmse", "minimize")]
)
def test_which_way_is_better_follows_from_the_name(name, direction):
    sweeper = OmegaConf.merge(NODE, {"tune_metric": name})
    assert asked.tuned_by(sweeper, RMSE, TUNE) == MetricFacts(name=name, direction=direction)


def test_a_name_like_that_of_the_metric_has_its_direction_and_others_need_a_known_one(capsys):
    score = MetricFacts(name="test/score", direction="minimize")
    assert asked.tuned_by(OmegaConf.merge(NODE, {"tune_metric": "val/score"}), score, TUNE).direction == "minimize"
    assert asked.tuned_by(NODE, score, TUNE) == score
    assert asked.tuned_by(NODE, score, None) is None
    assert "tuned by test/score itself; hydra.sweeper.tune_metric=NAME" in capsys.readouterr().out
    with pytest.raises(UserError, match="tune_metric=thing: is more of it better"):
        asked.tuned_by(OmegaConf.merge(NODE, {"tune_metric": "thing"}), score, TUNE)


def test_the_metric_of_tuning_may_stand_in_a_file(tmp_path):
    (tmp_path / "m.json").write_text('{"val": {"acc": 0.5}}')
    assert also({"a": 1.0}, tmp_path, "m.json:val.acc") == {"a": 1.0, "val.acc": 0.5}
    with pytest.raises(NoMetric, match=r"tune_metric=m\.json:nope: no such number"):
        also({"a": 1.0}, tmp_path, "m.json:nope")
