"""A study without axes: its run is named after the words of its command, and is the baseline only if it is."""

import json
from pathlib import Path

import pytest

from ablate.records import record
from ablate.records.run_record import label, telling

WORDS = ("data=synthetic", "epochs=1", "batch=128", "model.dim=8", "model.depth=1", "model.heads=2")


def only_record(study: str = "single") -> record.RunRecord:
    (one,) = record.read_study(Path("runs") / study)
    return one


def test_a_lone_run_is_not_called_the_baseline(train):
    said = train("pos=none", "patch=7")
    assert said.code == 0, said.err
    name = " ".join(["pos=none", "patch=7", *WORDS])
    assert f"{name} seed=0  test " in said.out
    assert "baseline" not in said.out
    one = only_record()
    assert (one.cell, one.baseline) == ({}, False)
    assert json.loads(Path("runs/single/study.json").read_text())["runs"][0]["baseline"] is False


def test_seeds_of_one_cell_are_no_baseline_either(train):
    assert train("-m", "pos=none", "seed=0,1").code == 0
    assert [one.baseline for one in record.read_study(Path("runs/single"))] == [False, False]


def test_what_equals_the_default_config_is_the_baseline(train, monkeypatch):
    """Also when its words were typed: the configuration decides."""
    from ablate.study import study

    defaults = study.recipe_of
    monkeypatch.setattr(study, "recipe_of", lambda words, *more: defaults([*words, *WORDS], *more))
    assert train("pos=learned", "seed=3").code == 0
    assert only_record().baseline is True


def test_a_study_with_axes_has_its_baseline_as_before(train):
    assert train("-m", "pos=none,learned").code == 0
    assert {one.cell["pos"]: one.baseline for one in record.read_study(Path("runs/pos"))} == {
        "none": False,
        "learned": True,
    }


def test_the_report_on_a_lone_run_names_it(train, capsys):
    from ablate.report.__main__ import main

    assert train("pos=none", "patch=7").code == 0
    assert main(["runs/single"]) == 0
    page = Path("runs/single/report/report.md").read_text()
    assert "baseline" not in page
    assert "pos=none patch=7" in page


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ([], "baseline"),
        (["seed=3", "tracker=none", "tracker.mode=offline", "device=cpu", "name=x", "data.root=/x"], "baseline"),
        (["sweep.fresh=true", "hydra/launcher=basic", "hydra.launcher.workers=2"], "baseline"),
        (["data=synthetic", "+act=relu", "optim.lr=0.1"], "data=synthetic act=relu optim.lr=0.1"),
        (["data.size=14", "names=x"], "data.size=14 names=x"),
    ],
)
def test_words_that_say_what_a_run_is(overrides, name):
    assert label({}, telling(overrides)) == name
    assert label({"pos": "none"}, telling(overrides)) == "pos=none"
