"""Tuning and budgets: studies that build on each other, from one command."""

from pathlib import Path

import pytest

from ablate.records import record


def records(study: str) -> list[dict]:
    return record.read_study(Path("runs") / study)


@pytest.mark.slow
def test_values_are_tuned_on_validation_for_each_cell_and_the_verdicts_stand_side_by_side(train):
    words = ("-m", "pos=none,learned", "seed=0,1", "sweep.tune={optim.lr: [1e-3, 4e-3]}")
    said = train(*words)
    assert said.code == 0, said.err
    trials = records("pos-tuning")
    assert len(trials) == 8
    assert {r.seed for r in trials} == {1000, 1001}
    assert {r.metrics["test_acc"] for r in trials} == {None}
    assert not list(Path("runs/pos-tuning").glob("*/predictions.npz")), "no test image was seen"
    means: dict[tuple, list[float]] = {}
    for r in trials:
        means.setdefault((r.cell["pos"], r.cell["optim.lr"]), []).append(r.metrics["val_acc"])
    facts = record.read_plan(Path("runs/pos-tuned")).tuned
    assert (facts.of, facts.tuning, facts.seeds) == ("pos", "pos-tuning", [1000, 1001])
    for one in facts.chosen:
        best = max(sum(v) for (pos, _), v in means.items() if pos == one.cell["pos"])
        assert sum(means[one.cell["pos"], one.values["optim.lr"]]) == best
    chosen = {one.cell["pos"]: float(one.values["optim.lr"]) for one in facts.chosen}
    assert {(r.cell["pos"], r.config["optim"]["lr"]) for r in records("pos-tuned")} == set(chosen.items())
    assert {r.seed for r in records("pos-tuned")} == {0, 1}
    assert "with the recipe as it is" in said.out
    assert "with optim.lr tuned for each cell" in said.out
    assert "audit: " not in said.out, "what was tuned is no confounder"
    before = [r.ended for name in ("pos", "pos-tuning", "pos-tuned") for r in records(name)]
    assert train(*words).code == 0
    assert [r.ended for name in ("pos", "pos-tuning", "pos-tuned") for r in records(name)] == before


@pytest.mark.slow
def test_a_group_whose_choices_are_numbers_is_tuned(train):
    said = train("-m", "pos=none,learned", "sweep.tune={patch: [7, 14]}", "sweep.tune_seeds=1")
    assert said.code == 0, said.err
    assert {r.cell["patch"] for r in records("pos-tuning")} == {"7", "14"}


@pytest.mark.slow
def test_all_cells_spend_the_same_arithmetic(train):
    said = train("-m", "patch=4,7", "sweep.budget=flops", "epochs=3")
    assert said.code == 0, said.err
    four, seven = records("patch")
    assert four.config["epochs"] == 3
    spent = [r.cost["train_flops"] for r in (four, seven)]
    assert spent[1] == pytest.approx(spent[0], rel=0.5 / seven.config["epochs"])
    again = train("-m", "patch=4,7", "epochs=3")
    assert "not shown: 1 run of another recipe in the same folder" in again.out, "equal epochs are another recipe"
    assert "the step from 4 to 7 is" in again.out, "the run that both recipes have counts in both"


@pytest.mark.slow
def test_all_cells_spend_the_same_time(train):
    said = train("-m", "patch=4,14", "sweep.budget=seconds", "epochs=3")
    assert said.code == 0, said.err
    pilot = {r.cell["patch"]: r for r in records("patch-pilot")}
    assert {(r.config["epochs"], r.metrics["test_acc"]) for r in pilot.values()} == {(1, None)}
    ratio = pilot["4"].cost["train_s"] / pilot["14"].cost["train_s"]
    epochs = {r.cell["patch"]: r.config["epochs"] for r in records("patch")}
    assert epochs == {"4": 3, "14": max(1, int(3 * ratio + 0.5))}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("sweep.tune=pos", "sweep.tune=pos: pos is no number; name values: {pos: [1e-3, 4e-3]}"),
        ("sweep.tune={optim.lr: [1e-3]}", "sweep.tune: optim.lr needs two values or more to choose from"),
        ("sweep.tune={pos: [none, rope]}", "sweep.tune: pos is swept; a key is either swept or tuned"),
        ("sweep.tune={device: [cpu, auto]}", "sweep.tune: device does not change what a run is"),
        ("sweep.tune={optim.lrr: [1e-3, 4e-3]}", "optim.lrr: no such key. Did you mean lr?"),
        ("sweep.tune={optim.lr: [1e-3, fast]}", "optim.lr=fast: not a number"),
        ("sweep.tune={optim.lr: [1e-3, -1]}", "optim.lr=-1.0: too small; 0 or more works"),
        ("sweep.tune={optim.lr: [1e-3, inf]}", "sweep.tune.optim.lr=[0.001, inf]: not a finite number"),
        ("sweep.tune={model.heads: [2, 3]}", "model.heads=3 does not divide model.dim=8; 1, 2, 4, 8 do"),
        ("sweep.tune={aug: [none, shit]}", "aug=shit: no such choice. Did you mean shift?"),
        ("sweep.budget=hours", "sweep.budget=hours: not one of epochs, flops, seconds"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_written(train, word, told):
    said = train("-m", "pos=none,learned", word)
    assert (said.code, len(said.err.splitlines())) == (2, 1), said.err
    assert told in said.err
    assert not Path("runs").exists()
