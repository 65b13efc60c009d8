"""Epochs that cost every cell the same, and values chosen on validation."""

from dataclasses import replace

import pytest

from ablate.records import typed
from ablate.records.run_record import RunRecord
from ablate.study.design import budget, tuning

TUNE = {"optim.lr": ["1e-3", "4e-3", "1e-2"]}
CELLS = [{"pos": "none"}, {"pos": "learned"}]
SEEDS = [1000, 1001]


def run(cell, values, seed, val_acc):
    metrics = {"val_acc": val_acc, "test_acc": None}
    state = "failed" if val_acc is None else "done"
    return RunRecord(id="0", cell=values | cell, seed=seed, state=state, metrics=metrics)


def runs(scores: dict[str, list[list[float | None]]]) -> list[RunRecord]:
    """`{"none": [[seed 0, seed 1] of the first value, ...]}`."""
    return [
        run({"pos": pos}, {"optim.lr": lr}, seed, acc)
        for pos, by_value in scores.items()
        for lr, accs in zip(TUNE["optim.lr"], by_value, strict=True)
        for seed, acc in zip(SEEDS, accs, strict=True)
    ]


def test_candidates_are_every_combination_in_order():
    assert tuning.candidates({"optim.lr": [1e-3, 0.004], "aug": ["none", "shift"]}) == [
        {"optim.lr": "0.001", "aug": "none"},
        {"optim.lr": "0.001", "aug": "shift"},
        {"optim.lr": "0.004", "aug": "none"},
        {"optim.lr": "0.004", "aug": "shift"},
    ]


@pytest.mark.parametrize("values", [["1e-3"], [], "1e-3", 0.001, [0.001, 0.001]])
def test_one_value_is_no_choice(values):
    line = r"^sweep.tune: optim.lr needs two values or more to choose from, as in optim.lr: \[1e-3, 4e-3\]$"
    with pytest.raises(ValueError, match=line):
        tuning.candidates({"optim.lr": values})


def test_tuning_seeds_are_those_of_no_verdict():
    assert tuning.tuning_seeds(range(5), 3) == [1000, 1001, 1002]
    assert tuning.tuning_seeds([0, 1000, 1002], 3) == [1001, 1003, 1004]


def test_the_best_mean_over_the_seeds_is_chosen_for_each_cell():
    found = tuning.choose(
        runs({"none": [[0.9, 0.8], [0.86, 0.86], [0.1, 0.1]], "learned": [[0.9, 0.9], [0.8, 0.9], [0.95, 0.94]]}),
        CELLS,
        TUNE,
        SEEDS,
    )
    assert [one.values["optim.lr"] for one in found] == ["4e-3", "1e-2"]
    assert [one.val_acc for one in found] == pytest.approx([0.86, 0.945])
    assert [one.edge for one in found] == [[], ["optim.lr"]]
    assert typed.to_json(found[0]) == {
        "cell": {"pos": "none"},
        "values": {"optim.lr": "4e-3"},
        "val_acc": pytest.approx(0.86),
        "edge": [],
        "failed": [],
    }


def test_a_tie_goes_to_the_first():
    scores = {"none": [[0.5, 0.7], [0.7, 0.5], [0.6, 0.6]], "learned": [[0.9, 0.9]] * 3}
    assert {one.values["optim.lr"] for one in tuning.choose(runs(scores), CELLS, TUNE, SEEDS)} == {"1e-3"}


def test_test_accuracy_has_no_say():
    records = runs({"none": [[0.9, 0.9], [0.8, 0.8], [0.7, 0.7]], "learned": [[0.9, 0.9]] * 3})
    for one in records:
        one.metrics["test_acc"] = float(one.cell["optim.lr"])
    assert tuning.choose(records, CELLS[:1], TUNE, SEEDS)[0].values == {"optim.lr": "1e-3"}


def test_a_candidate_with_a_failed_run_is_out_and_named():
    scores = {"none": [[0.5, 0.5], [0.6, 0.6], [0.99, None]]}
    (found,) = tuning.choose(runs(scores), CELLS[:1], TUNE, SEEDS)
    assert found.values == {"optim.lr": "4e-3"}
    assert found.failed == [{"optim.lr": "1e-2"}]


def test_no_candidate_left_and_runs_to_come_are_one_line():
    with pytest.raises(
        ValueError, match=r"^tuning of pos=none: every value of optim.lr failed; try others in sweep.t"
    ):
        tuning.choose(runs({"none": [[None, 0.5]] * 3}), CELLS[:1], TUNE, SEEDS)
    waiting = runs({"none": [[0.5, 0.5]] * 3})[:-1]
    with pytest.raises(ValueError, match=r"^tuning of pos=none: optim.lr=1e-2 still waits for seed=1001$"):
        tuning.choose(waiting, CELLS[:1], TUNE, SEEDS)


def test_values_that_are_words_have_no_edge():
    tune = {"aug": ["none", "shift", "affine"]}
    records = [run({}, {"aug": aug}, 1000, acc) for aug, acc in zip(tune["aug"], [0.9, 0.8, 0.7], strict=True)]
    assert tuning.choose(records, [{}], tune, [1000])[0].edge == []


COSTS = {"pos=none patch=4": 10.0, "pos=none patch=7": 3.0, "pos=none patch=2": 40.0}


def test_epochs_that_cost_the_same():
    assert budget.equal_epochs(COSTS, 10.0, 12) == {
        "pos=none patch=4": 12,
        "pos=none patch=7": 40,
        "pos=none patch=2": 3,
    }
    assert budget.equal_epochs({"a": 0.9999999 * 10, "b": 10.1}, 10.0, 4) == {"a": 4, "b": 4}


@pytest.mark.parametrize("cost", [0.37, 1.0, 2.9, 7.7, 13.0])
@pytest.mark.parametrize("epochs", [4, 9, 30])
def test_nobody_is_more_than_half_an_epoch_from_the_budget(cost, epochs):
    given = budget.equal_epochs({"cell": cost}, 3.0, epochs)["cell"]
    assert abs(given * cost - 3.0 * epochs) <= cost / 2


def test_a_cell_too_dear_for_the_budget_says_what_would_work():
    line = (
        "^sweep.budget=flops: one epoch of pos=none patch=2 costs more than 1 of the baseline; epochs=4 or more wo"
    )
    with pytest.raises(ValueError, match=line):
        budget.equal_epochs(COSTS, 10.0, 1)
    assert budget.equal_epochs(COSTS, 10.0, 4)["pos=none patch=2"] == 1


def test_whole_epochs_that_miss_the_budget_are_told_with_those_that_would_not():
    given = budget.equal_epochs(COSTS, 10.0, 5)
    spent = budget.shares(COSTS, 10.0, 5, given)
    assert spent == pytest.approx({"pos=none patch=4": 1.0, "pos=none patch=7": 1.02, "pos=none patch=2": 0.8})
    assert budget.coarse(spent, 5, given) == (
        "sweep.budget=flops: pos=none patch=2 trains 1 epoch, 80 % of the budget; "
        "epochs=50 would bring every cell within 5 %"
    )
    enough = budget.equal_epochs(COSTS, 10.0, 50)
    assert budget.coarse(budget.shares(COSTS, 10.0, 50, enough), 50, enough) is None


def test_what_an_epoch_costs_is_in_the_record():
    cost = {"train_flops": 8e9, "train_s": 2.0}
    one = RunRecord(id="0", state="done", cell={"pos": "none"}, seed=0, config={"epochs": 4}, cost=cost)
    assert budget.per_epoch(one, "flops") == 2e9
    assert budget.per_epoch(one, "seconds") == 0.5
    with pytest.raises(ValueError, match=r"^sweep.budget=seconds: what pos=none costs is not known$"):
        budget.per_epoch(replace(one, cost=cost | {"train_s": None}), "seconds")
