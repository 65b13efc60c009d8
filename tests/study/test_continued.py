"""A study that is asked for again in other words: what it says is true of what is there."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from ablate.records import record

NEXT = re.compile(r"^next +(python -m ablate\.train .*?)  # (.*)$", re.M)
COUNTED = re.compile(r"^\S+: (\d+) runs?(?:, (\d+) finished before)?", re.M)


def lose(study: str, **wanted: object) -> None:
    """Removes the runs of a study that have this seed or these arms, as if they had not begun."""
    for file in Path("runs", study).glob("*/record.json"):
        found = json.loads(file.read_text())
        if wanted.items() <= ({"seed": found["seed"]} | found["cell"]).items():
            shutil.rmtree(file.parent)


def proposed(train, out: str):
    """Runs the command that a study proposes -> what it said, and how many runs it trained."""
    command, _ = NEXT.findall(out)[-1]
    said = train(*shlex.split(command)[3:], recipe=())
    assert said.code == 0, said.err
    runs, finished = COUNTED.findall(said.out)[0]
    return said, int(runs) - int(finished or 0)


TWICE = {
    "fewer arms": (("pos=none,learned,rope",), ("pos=none,learned",)),
    "fewer axes": (("pos=none,learned", "pool=cls,mean", "name=x"), ("pos=none,learned", "name=x")),
    "one at a time": (
        ("pos=none,learned", "pool=cls,mean"),
        ("pos=none,learned", "pool=cls,mean", "sweep.design=one_at_a_time"),
    ),
    "one more arm": (("pos=none,learned", "name=x"), ("pos=rope", "name=x")),
    "fresh": (("pos=none,learned",), ("pos=none,learned", "sweep.fresh=true")),
}


@pytest.mark.parametrize(
    "before", [pytest.param(k, marks=[pytest.mark.slow] * (k != "fewer arms")) for k in TWICE]
)
def test_the_command_that_is_proposed_trains_as_many_runs_as_it_says(train, before):
    first, second = TWICE[before]
    assert train("-m", *first, "seed=0,1").code == 0
    said = train("-m", *second, "seed=0,1")
    _, what = NEXT.findall(said.out)[-1]
    _, trained = proposed(train, said.out)
    assert trained == int(what.split()[0]) > 0


def test_the_command_that_goes_on_asks_for_the_runs_that_are_to_come(train):
    assert train("-m", "pos=none,learned", "seed=0,1,2").code == 0
    lose("pos", seed=2)
    said = train("-m", "pos=none,learned", "seed=0,1")
    assert "goes on: runs are still to come" in said.out
    again, trained = proposed(train, said.out)
    assert trained == 2
    assert "still to come" not in again.out


def test_no_group_of_runs_is_given_the_words_of_another(train, capsys):
    assert train("-m", "pos=none,learned", "seed=0,1").code == 0
    assert train("-m", "pos=none,learned", "seed=0,1", "epochs=2").code == 0
    from ablate.report.__main__ import main

    main(["runs/pos"])
    commands = [line for line in capsys.readouterr().out.splitlines() if line.startswith("next  ")]
    assert len(commands) == 2
    assert sum("epochs=2" in line for line in commands) == 1
    assert sum(bool(re.match(r"next +\d+ more seeds? of 2 cells: ", line)) for line in commands) == 1


def test_what_failed_before_is_not_counted_as_finished(train):
    words = ("-m", "optim.lr=0.004,1e30", "optim=sgd", "seed=0,1")
    assert train(*words).code == 3
    said = train(*words, "sweep.retry_failed=false")
    assert "optim.lr: 4 runs, 2 finished before, 2 failed before" in said.out
    assert "Fewer than two cells have two seeds or more" in " ".join(said.out.split())
    assert "One seed says nothing" not in said.out


def test_an_arm_that_equals_another_is_named_though_nothing_is_left_to_train(train):
    Path("mine/pos").mkdir(parents=True)
    Path("mine/pos/nothing.yaml").write_text("_target_: ablate.axes.pos.NoPos\n_partial_: true\n")
    assert train("--config-dir=mine", "-m", "pos=none,learned").code == 0
    said = train("--config-dir=mine", "-m", "pos=none,learned,nothing")
    assert "pos: 2 runs, 2 finished before" in said.out
    assert "audit: pos=nothing is the same as pos=none; it is trained once" in said.out


def test_a_launcher_that_takes_one_run_after_the_other_says_so(train):
    said = train("-m", "pos=none,learned", "hydra/launcher=basic")
    assert "1 run at once, 1 thread each" in said.out


def test_a_full_grid_stays_one_when_it_is_asked_for_one_axis_at_a_time(train):
    words = ("-m", "pos=none,learned", "pool=cls,mean", "seed=0,1")
    assert train(*words).code == 0
    assert "One axis at a time" not in train(*words, "sweep.design=one_at_a_time").out
    assert "One axis at a time" in train(*words, "sweep.design=one_at_a_time", "name=star").out


def test_the_baseline_stays_when_an_axis_is_left_out(train):
    assert train("-m", "pos=none,learned", "pool=cls,mean", "name=x").code == 0
    said = train("-m", "pos=none,learned", "name=x")
    assert record.read_plan(Path("runs/x")).baseline == {"pos": "learned", "pool": "mean"}
    assert "* baseline" in said.out


def test_what_failed_is_tried_again_after_what_has_not_begun(train):
    """A failure ends a study with fail_fast: what comes after it would never be trained."""
    words = ("-m", "optim.lr=1e30,0.004", "optim=sgd", "sweep.fail_fast=true")
    assert train(*words).code == 3
    assert [r.state for r in record.read_study(Path("runs/optim.lr"))] == ["failed"]
    said = train(*words)
    assert said.code == 3
    assert sorted(r.state for r in record.read_study(Path("runs/optim.lr"))) == ["done", "failed"]


@pytest.mark.parametrize("word", ["pos=none", "pos=rope"])
def test_one_arm_of_an_axis_that_the_study_has_joins_it(train, word):
    assert train("-m", "pos=none,learned", "name=x").code == 0
    said = train(word, "seed=1", "name=x")
    assert said.code == 0
    assert "another recipe" not in said.out
    plan = record.read_plan(Path("runs/x"))
    assert len(plan.runs) == 3
    assert len({entry.recipe for entry in plan.runs}) == 1
    assert plan.runs[-1].cell == {"pos": word.partition("=")[2]}
    assert plan.baseline == {"pos": "learned"}
    assert proposed(train, said.out)[1] > 0


def test_arms_stay_in_order_when_one_is_asked_for_again(train):
    assert train("-m", "model.dim=8,16,24", "name=x").code == 0
    assert train("model.dim=8", "seed=1", "name=x").code == 0
    assert record.read_plan(Path("runs/x")).axes == {"model.dim": ["8", "16", "24"]}
    assert train("-m", "model.dim=24,16,8", "name=x").code == 0
    assert record.read_plan(Path("runs/x")).axes == {"model.dim": ["24", "16", "8"]}


def test_one_arm_that_joins_a_design_leaves_it_as_it_is(train):
    words = ("-m", "pool=mean,cls", "seed=0,1", "sweep.design=one_at_a_time", "name=x")
    assert train(*words, "pos=none,learned").code == 0
    said = train(*words, "pos=rope")
    cells = {(e.cell["pool"], e.cell["pos"]) for e in record.read_plan(Path("runs/x")).runs}
    assert cells == {("mean", "learned"), ("mean", "none"), ("mean", "rope"), ("cls", "learned")}
    assert "One axis at a time" in said.out


@pytest.mark.slow
def test_one_arm_that_joins_is_given_the_budget_of_the_others(train):
    words = ("epochs=2", "sweep.budget=flops", "name=x")
    assert train("-m", "patch=4,7", *words).code == 0
    assert train("patch=7", "seed=1", *words).code == 0
    epochs = {(r.cell["patch"], r.config["epochs"]) for r in record.read_study(Path("runs/x"))}
    assert len(epochs) == 2
    assert ("4", 2) in epochs


def test_cells_that_equal_others_are_not_counted_as_runs_to_come(train):
    Path("mine/pos").mkdir(parents=True)
    Path("mine/pos/nothing.yaml").write_text("_target_: ablate.axes.pos.NoPos\n_partial_: true\n")
    said = train("--config-dir=mine", "-m", "pos=none,learned,nothing", "pool=mean,max", "seed=0,1")
    _, what = NEXT.findall(said.out)[-1]
    assert proposed(train, said.out)[1] == int(what.split()[0]) > 0


@pytest.mark.slow
def test_looks_that_chose_the_seeds_hold_for_a_later_command_too(train):
    words = ("-m", "pos=none,learned")
    assert train(*words, "sweep.seeds=auto", "sweep.seeds_max=6").code == 0
    plan = record.read_plan(Path("runs/pos"))
    seen, looks = len(plan.seeds), plan.looks
    assert looks == [3, 6]
    said = train(*words, "seed=0,1")
    assert record.read_plan(Path("runs/pos")).looks == looks
    assert "looks at 3, 6 seeds" in said.out
    assert train(*words, f"seed=range({seen + 1})").code == 0
    assert record.read_plan(Path("runs/pos")).looks == sorted({*looks, seen + 1})


@pytest.mark.slow
def test_runs_with_values_that_an_earlier_tuning_chose_are_left_out(train):
    words = ("-m", "pos=none,learned", "seed=0,1", "sweep.tune_seeds=1")
    assert train(*words, "sweep.tune={optim.lr:[1e-3,4e-3]}").code == 0
    said = train(*words, "sweep.tune={optim.lr:[3e-2,1e-1]}")
    assert said.code == 0
    assert "no verdict (" not in said.out
    assert "Left out: 4 runs with values that an earlier tuning chose." in said.out
    plan = record.read_plan(Path("runs/pos-tuned"))
    assert [(entry.cell["pos"], entry.seed) for entry in plan.runs] == [
        (p, s) for p in ("none", "learned") for s in (0, 1)
    ]
    back = train(*words, "sweep.tune={optim.lr:[1e-3,4e-3]}")
    assert "pos-tuned: 4 runs, 4 finished before" in back.out
