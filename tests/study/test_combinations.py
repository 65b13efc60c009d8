"""Designs and seeds from the command line to the runs that are trained."""

import json
import shutil
from pathlib import Path

import pytest

from ablate.records import record

pytestmark = pytest.mark.hydra


def cells(study: str) -> list[str]:
    return [f"{record.label(r.cell)} seed={r.seed}" for r in record.read_study(Path("runs") / study)]


@pytest.mark.slow
def test_one_axis_at_a_time_also_when_the_baseline_is_none_of_the_arms(train):
    said = train("-m", "pos=none,rope", "patch=4,7", "sweep.design=one_at_a_time", "sweep.seeds=2")
    assert said.code == 0, said.err
    want = ["patch=4 pos=learned", "patch=4 pos=none", "patch=4 pos=rope", "patch=7 pos=learned"]
    assert cells("patch-pos") == [f"{cell} seed={seed}" for cell in want for seed in (0, 1)]
    plan = record.read_plan(Path("runs/patch-pos"))
    assert plan.design.kind == "one_at_a_time"
    assert [e.cell for e in plan.runs if e.baseline] == [{"patch": "4", "pos": "learned"}] * 2
    assert "One axis at a time: how the axes act together was not tried." in said.out


@pytest.mark.slow
def test_half_of_the_cells_and_what_they_cannot_tell(train):
    said = train("-m", "pos=none,learned", "patch=4,7", "pool=cls,mean", "sweep.design=fraction", "seed=0,1")
    assert said.code == 0, said.err
    assert len(cells("patch-pool-pos")) == 8
    plan = record.read_plan(Path("runs/patch-pool-pos"))
    assert {"effect": ["pos"], "with": [["patch", "pool"]]} in plan.design.aliases
    assert "patch x pool" in said.out or "patch × pool" in said.out


@pytest.mark.slow
def test_a_dead_arm_is_named_where_no_two_cells_of_the_design_show_it_alone(train):
    Path("mine/pos").mkdir(parents=True)
    Path("mine/pos/twin.yaml").write_text("_target_: trouble.Twin\n_partial_: true\nstd: 1.0\n")
    words = ("--config-dir=mine", "-m", "pos=learned,twin", "patch=4,7", "pool=cls,mean")
    said = train(*words, "sweep.design=fraction")
    assert said.code == 0, said.err
    assert "audit: one of pos=learned and pos=twin is dead: nothing differs between them" in said.out
    assert len(cells("patch-pool-pos")) == 4, "what was looked at beside them is not trained"


@pytest.mark.slow
def test_a_design_with_a_tuned_value_is_audited_without_a_word(train):
    words = ("-m", "pos=none,learned", "patch=4,7", "pool=cls,mean", "sweep.design=fraction")
    said = train(*words, "sweep.tune={optim.lr:[1e-3,4e-3]}", "sweep.tune_seeds=1")
    assert said.code == 0, said.err
    assert "audit: " not in said.out


def test_cells_that_wait_for_other_seeds_are_no_fault(train):
    """A command that was stopped half way leaves them; a seed is no part of an arm."""
    words = ("-m", "pos=learned,sinusoidal", "name=cut")
    assert train(*words, "seed=0").code == 0
    for file in Path("runs/cut").glob("*/record.json"):
        if json.loads(file.read_text())["cell"]["pos"] == "learned":
            shutil.rmtree(file.parent)
    said = train(*words, "seed=0,1")
    assert "4 runs, 1 finished before" in said.out
    assert "audit: " not in said.out


def test_an_arm_that_joins_a_finished_study_is_compared_with_those_that_are_there(train):
    Path("mine/pos").mkdir(parents=True)
    Path("mine/pos/twin.yaml").write_text("_target_: trouble.Twin\n_partial_: true\nstd: 1.0\n")
    words = ("--config-dir=mine", "-m", "name=grown")
    assert train(*words, "pos=none,learned").code == 0
    said = train(*words, "pos=none,learned,twin", "seed=0,1")
    assert "6 runs, 2 finished before" in said.out
    assert "audit: one of pos=learned and pos=twin is dead: nothing differs between them" in said.out
    assert said.out.count("audit: ") == 1


@pytest.mark.slow
def test_axes_that_move_together(train):
    words = ("-m", "patch=4,7", "model.dim=8,16", "sweep.zip=[patch,model.dim]")
    assert train(*words).code == 0
    assert cells("model.dim-patch") == ["model.dim=8 patch=4 seed=0", "model.dim=16 patch=7 seed=0"]


@pytest.mark.slow
def test_seeds_are_added_until_all_is_decided_or_used_up(train):
    words = ("-m", "pos=none,learned", "sweep.seeds=auto", "sweep.seeds_min=2", "sweep.seeds_step=1")
    first = train(*words, "sweep.seeds_max=3")
    assert first.code == 0, first.err
    assert "pos: not decided yet, 2 runs more" in first.out
    assert len(cells("pos")) == 6
    assert "Seeds were added until decided, with looks at 2, 3 seeds." in first.out
    ended = {r.id: r.ended for r in record.read_study(Path("runs/pos"))}
    assert train(*words, "sweep.seeds_max=3").code == 0
    assert {r.id: r.ended for r in record.read_study(Path("runs/pos"))} == ended


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sweep.seeds=3", "seed=0,1"), "sweep.seeds=3 and seed=: name one of them"),
        (("sweep.seeds=auto", "sweep.seeds_min=1"), "needs 2 <= min <= max and a step of 1 or more"),
        (("sweep.design=fraction",), "sweep.design=fraction takes "),
        (("sweep.zip=[pos,patch]",), "sweep.zip=[pos,patch]: patch is not swept; the swept axes are pos"),
        (("sweep.seeds=many",), "sweep.seeds=many: not an integer or one of auto or null"),
        (("sweep.design=half",), "sweep.design=half: not one of full, one_at_a_time, fraction"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_written(train, words, told):
    said = train("-m", "pos=none,learned", *words)
    assert said.code == 2
    assert told in said.err
    assert len(said.err.splitlines()) == 1
    assert not Path("runs").exists()
