"""Equal values are one arm, one run and the baseline, however they are spelled."""

from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ablate.records import record
from ablate.records.run_record import RunRecord
from ablate.records.values import alike, has_whole, spelled
from ablate.study import tuned
from ablate.study.home import Home


def found(study: str) -> list[RunRecord]:
    return record.read_study(Path("runs") / study)


@pytest.mark.slow
def test_a_number_in_two_spellings_is_one_run(train):
    said = train("-m", "clip=5,5.0,1,1e0,1_0", "optim.lr=1e-3,0.001")
    assert said.code == 0, said.err
    assert [r.cell for r in found("clip-optim.lr")] == [
        {"clip": clip, "optim.lr": "0.001"} for clip in ("5.0", "1.0", "10.0")
    ]


@pytest.mark.slow
def test_what_is_typed_as_the_default_is_the_default_run(train):
    (train("name=one"), train("name=one", "clip=5"), train("name=one", "optim.betas=[0.9,0.98]"))
    said = train("name=one", "clip=5.0", "model.dim=8.0", "label_smoothing=0", "batch=128.0")
    assert said.code == 0, said.err
    assert len(found("one")) == 1


def test_the_baseline_is_known_in_any_spelling_and_trained_once(train):
    said = train("-m", "label_smoothing=0,0.1", "clip=5,1", "sweep.design=one_at_a_time")
    assert said.code == 0, said.err
    runs = found("clip-label_smoothing")
    assert [(r.cell["label_smoothing"], r.cell["clip"], r.baseline) for r in runs] == [
        ("0.0", "5.0", True),
        ("0.1", "5.0", False),
        ("0.0", "1.0", False),
    ]
    plan = record.read_plan(Path("runs/clip-label_smoothing"))
    assert plan.baseline == {"label_smoothing": "0.0", "clip": "5.0"}


@pytest.mark.slow
def test_a_default_of_null_is_null_again(train):
    said = train("-m", "image.size=28,32", "clip=5,1", "sweep.design=one_at_a_time")
    assert said.code == 0, said.err
    cells = [(r.cell["image.size"], r.baseline) for r in found("clip-image.size")]
    assert cells.count(("null", True)) == 1
    assert record.value_of(replace(found("clip-image.size")[0], cell={}), "image.size") == "null"


def test_lists_of_equal_numbers_are_equal(train):
    said = train("-m", "optim.betas=[0.9,0.98],[0.9, 0.98],[0,0.98],[0.0,0.98]", "epochs=1")
    assert said.code == 0, said.err
    runs = found("optim.betas")
    assert {r.cell["optim.betas"]: r.baseline for r in runs} == {"[0.9,0.98]": True, "[0.0,0.98]": False}
    one = runs[0]
    assert record.value_of(replace(one, cell={}), "optim.betas") == one.cell["optim.betas"]


@pytest.mark.slow
def test_the_kind_is_that_of_the_choice_at_hand(train, tmp_path):
    """A choice of the user's own may write as an integer what another writes as a float."""
    (tmp_path / "mine" / "pos").mkdir(parents=True)
    (tmp_path / "mine" / "pos" / "wide.yaml").write_text(
        "_target_: ablate.axes.pos.Learned\n_partial_: true\nstd: 1\n", encoding="utf-8"
    )
    for word in ("pos.std=1", "pos.std=1.0", "seed=0"):
        assert train("--config-dir=mine", "pos=wide", "name=wide", word).code == 0
    assert [r.config["pos"]["std"] for r in found("wide")] == [1]
    assert train("pos=learned", "pos.std=1", "name=learned").code == 0
    assert str(found("learned")[0].config["pos"]["std"]) == "1.0"


def test_names_of_choices_are_no_numbers(train):
    said = train("-m", "patch=4,7")
    assert said.code == 0, said.err
    assert [r.cell["patch"] for r in found("patch")] == ["4", "7"]


def test_values_that_are_tuned_are_equal_too(train):
    assert "needs two values or more" in train("-m", "pos=none,learned", "sweep.tune={clip: [5, 5.0]}").err


@pytest.mark.parametrize(
    ("tune", "tried"), [("clip", ["2.5", "5.0", "10.0"]), ({"clip": [1, "2", 1.0]}, ["1.0", "2.0"])]
)
def test_values_to_tune_have_one_spelling(tune, tried):
    assert tuned.values(tune, OmegaConf.create({"clip": 5.0}), [], Home()) == {"clip": tried}


@pytest.mark.parametrize(
    ("value", "default", "said"),
    [
        (5, 1.0, "5.0"),
        (5.0, 1, "5"),
        (5.0, None, "5"),
        (0.5, 1, "0.5"),
        (True, 1.0, "True"),
        (2**60, 1.0, str(2**60)),
        ([1, 2.0], [0.5], "[1.0,2.0]"),
        ([1.0, None], [], "[1,null]"),
        (float("inf"), 1, "inf"),
    ],
)
def test_a_value_takes_the_kind_of_its_default(value, default, said):
    assert spelled(alike(value, default)) == said


@pytest.mark.parametrize("value", [True, None, "5", 0.5, float("inf"), float("nan"), 10**400, ["a", 1], {"a": 1}])
def test_what_has_one_spelling_is_left_as_it_is(value):
    assert not has_whole(value)
