"""A loss that is inf or nan, wherever it is met, is that run's failure: with the step, and with its traceback."""

from pathlib import Path

import pytest

from ablate.records import attempt, record
from ablate.records.attempt import Attempt
from ablate.records.run_record import RunRecord

EXPLODES = ("optim=sgd", "optim.lr=1e30", "clip=0", "precision=fp32")


def failed(train, *words: str) -> RunRecord:
    said = train(*words)
    assert said.code == 3, said.err
    (run,) = record.read_study(Path("runs/single"))
    assert (run.state, run.metrics["test_acc"], run.attempts) == ("failed", None, 1)
    trace = (Path("runs/single") / run.id / "error.txt").read_text(encoding="utf-8")
    assert trace.splitlines()[-1] == run.error
    assert run.error in said.out
    return run


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("batch=128",), "at step 2"),  # in training
        (("batch=512",), "in validation after step 1"),  # the last step of all blew the weights up
        (("batch=512", "epochs=2"), "in validation after step 1"),
    ],
)
def test_weights_that_blow_up_fail_the_run_with_the_step(train, words, where):
    error = failed(train, *EXPLODES, *words).error
    assert error in {
        f"FloatingPointError: the loss is {x} {where}; try a smaller optim.lr" for x in ("nan", "inf")
    }


def test_in_the_test_too(train, tmp_path):
    file = tmp_path / "mine" / "pos" / "fading.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("_target_: odd_parts.Fading\n_partial_: true\n")
    error = failed(train, "--config-dir=mine", "pos=fading").error
    assert error == "FloatingPointError: the loss is nan in the test after step 4; try a smaller optim.lr"


def test_the_other_runs_of_the_study_go_on(train):
    said = train("-m", "optim=sgd", "optim.lr=0.01,1e30", "clip=0", "batch=512", "precision=fp32")
    assert said.code == 3
    states = {run.cell["optim.lr"]: run.state for run in record.read_study(Path("runs/optim.lr"))}
    assert states == {"0.01": "done", "1e+30": "failed"}


@pytest.mark.parametrize("part", ["metrics", "cost"])
def test_a_number_of_any_experiment_that_a_record_cannot_hold_is_its_failure(tmp_path, part):
    numbers = {"metrics": {"gain": 1.0}, "cost": {"seconds": 1.0}}
    rec = RunRecord(id="0", state="running", cell={}, seed=0, **numbers)
    run = Attempt(tmp_path, rec, (1, 1), lambda: None, test=True, threads=None)
    with (
        pytest.raises(FloatingPointError, match=r"^(gain|seconds) is not a finite number$"),
        attempt.marked(run),
    ):
        run.note(**{part: dict.fromkeys(numbers[part], float("inf"))})
    found = record.find(tmp_path)
    assert found is not None
    assert (found.state, found.metrics["gain"]) == ("failed", None)
    assert "not a finite number" in found.error
    assert (tmp_path / "error.txt").exists()
