"""A study with its recipe as it is, and with a nuisance value tuned for each cell."""

import json
from pathlib import Path

import pytest
from made_study import made, written

POS = {"pos": ["none", "learned"]}
FACTS = {
    "of": "made",
    "tuning": "made-tuning",
    "keys": {"optim.lr": ["1e-3", "4e-3", "1e-2"]},
    "seeds": [1000, 1001],
    "chosen": [
        {
            "cell": {"pos": "none"},
            "values": {"optim.lr": "1e-2"},
            "val_acc": 0.97,
            "edge": ["optim.lr"],
            "failed": [],
        },
        {
            "cell": {"pos": "learned"},
            "values": {"optim.lr": "4e-3"},
            "val_acc": 0.98,
            "edge": [],
            "failed": [{"optim.lr": "1e-2"}],
        },
    ],
}


@pytest.fixture
def pair(tmp_path) -> Path:
    """The recipe's difference is 5 points; tuned it is 0.02."""

    def gap(points):
        return lambda cell, seed: 0.98 - points / 100 * (cell["pos"] == "none") + 0.0001 * ((seed * 3) % 4)

    def noisy(cell, seed):
        return gap(5)(cell, seed) + 0.0001 * (seed % 2) * (cell["pos"] == "none")

    written(tmp_path / "runs/made", *made(POS, [0, 1, 2, 3], acc=noisy))
    asked, records = made(
        POS,
        [0, 1, 2, 3],
        study="made-tuned",
        acc=lambda c, s: noisy(c, s) + (0.0498 + 0.00005 * (s // 2)) * (c["pos"] == "none"),
    )
    for one in records:
        one["config"]["optim"]["lr"] = 0.01 if one["cell"]["pos"] == "none" else 0.004
    written(tmp_path / "runs/made-tuned", asked | {"tuned": FACTS}, records)
    return tmp_path / "runs"


@pytest.mark.parametrize("name", ["made", "made-tuned"])
def test_both_effects_stand_side_by_side_in_the_report_on_either(pair, told, name):
    said = told(f"runs/{name}")
    assert said.code == 0
    assert (
        "pos: learned − none is +5.00 (+4.99 to +5.00, better) with the recipe as it is, +0.01 (+0.00 to +0.02, "
        "equivalent) with optim.lr tuned for each cell: a change of −4.98 (−4.99 to −4.98). The "
        "verdict depends on the recipe." in said.text
    )
    assert "The best value is the smallest or the largest tried for pos=none: others may be better." in said.text
    assert (
        "Tuned: optim.lr of 1e-3, 4e-3, 1e-2, the same for every cell, by mean validation accuracy over 2 seeds "
        "that no verdict uses; no test image was seen." in said.text
    )
    page = (pair / name / "report/report.html").read_text()
    assert "<h2>Recipe as it is, and tuned</h2>" in page
    assert page.index("<h2>Verdict") < page.index("<h2>Recipe as it is") < page.index("<h2>Effects")
    markdown = (pair / name / "report/report.md").read_text()
    assert "| pos=none | 1e-2 (edge) | 97.00 | – |" in markdown
    assert "| pos=learned | 4e-3 | 98.00 | optim.lr=1e-2 |" in markdown
    row = next(line for line in markdown.splitlines() if line.startswith("| pos: learned − none | +5.00"))
    assert "| better | +0.01 |" in row


def test_where_the_values_chosen_are_those_of_the_recipe_nothing_changes(tmp_path, told):
    for study, more in (("made", {}), ("made-tuned", {"tuned": FACTS})):
        asked, records = made(POS, [0, 1], study=study)
        written(tmp_path / "runs" / study, asked | more, records)
    assert "with optim.lr tuned for each cell: no change." in told("runs/made").text


def test_the_verdict_of_a_tuned_study_is_its_own(pair, told):
    assert "equivalent pos: none and learned are equivalent" in told("runs/made-tuned").text
    assert "better pos: learned is better than none" in told("runs/made").text


def test_a_study_without_its_other_half_is_told_alone(pair, told):
    (pair / "made-tuned/study.json").unlink()
    said = told("runs/made")
    assert said.code == 0
    assert "with the recipe as it is" not in said.text
    plan = json.loads((pair / "made/study.json").read_text()) | {"tuned": FACTS | {"of": "gone"}}
    (pair / "made/study.json").write_text(json.dumps(plan))
    said = told("runs/made")
    assert said.code == 0
    assert "with the recipe as it is" not in said.text
    assert "Tuned: optim.lr of 1e-3, 4e-3, 1e-2, the same for every cell" in said.text
    page = (pair / "made/report/report.html").read_text()
    assert "<h2>Tuned</h2>" in page
    assert '<td>pos=none</td><td class="number">1e-2 (edge)</td>' in page


def test_tuning_runs_have_no_test_metrics_and_no_verdict(tmp_path, told):
    asked, records = made(POS | {"optim.lr": ["1e-3", "4e-3"]}, [1000, 1001], study="made-tuning")
    for one in records:
        one["metrics"] |= {"test_acc": None, "test_loss": None}
    folder = written(tmp_path / "runs/made-tuning", asked, [])
    for one in records:
        (folder / one["id"]).mkdir()
        (folder / one["id"] / "record.json").write_text(json.dumps(one))
    said = told("runs/made-tuning")
    assert said.code == 0, said.err
    assert "no pair of runs is complete" in said.text


def test_a_key_of_the_recipe_that_differs_between_runs_says_so(tmp_path, told):
    """Epochs of one budget in FLOPs: the first run's must not stand for all."""
    asked, records = made(POS, [0, 1])
    for one in records:
        one["config"] |= {"epochs": 5 if one["cell"]["pos"] == "none" else 7, "sweep": {"budget": "flops"}}
    written(tmp_path / "runs/made", asked, records)
    line = "Equal budgets in training FLOPs: each cell trained for what the baseline's epochs cost, 5 to 7 epochs."
    assert line in told("runs/made").text
    page = (tmp_path / "runs/made/report/report.html").read_text()
    assert "<dt>epochs</dt><dd>not the same for all: 5, 7</dd>" in page
