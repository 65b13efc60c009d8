"""A report on any number of the records: no surface speaks of accuracy; which way is better is never guessed."""

import csv
import re
from pathlib import Path

import pytest
from made_study import made, written

from ablate.records.metric import MetricFacts, direction_of, unit_of
from ablate.report.door import read, verdict
from ablate.report.findings import Criteria
from ablate.report.measure import Measure, measure

POS = {"pos": ["none", "learned"], "patch": ["4", "7"]}
ACCURACY = re.compile(r"accura|\bacc\b|test_acc|\bpoints?\b|per cent|percent|ablate\.audit", re.I)


def loss(cell: dict[str, str], seed: int) -> float:
    """`learned` has the smaller loss by 0.03; every run has a noise of its own."""
    own = 0.0003 * ((3 * seed + 5 * (cell["pos"] == "learned") + 7 * (cell["patch"] == "4")) % 4 - 1.5)
    return 0.08 - 0.03 * (cell["pos"] == "learned") + 0.0007 * seed + own


def study(folder: Path, name: str = "test_loss", metric: dict | None = None, value=loss) -> Path:
    asked, records = made(POS, [0, 1, 2], acc=lambda cell, seed: 0.5)
    for one in records:
        one["metrics"] = one["metrics"] | {name: value(one["cell"], one["seed"])}
    return written(folder, asked | ({"metric": metric} if metric else {}), records)


@pytest.fixture
def pages(tmp_path, told) -> dict[str, str]:
    """What each surface of a report on the loss says."""
    study(tmp_path / "runs/made")
    said = told("runs/made", "report.metric=test_loss")
    assert (said.code, said.err) == (0, "")
    files = {f.name: f.read_text() for f in Path("runs/made/report").rglob("*") if f.suffix not in (".png", "")}
    assert {"report.html", "report.md", "table.tex", "verdict.csv", "forest.svg", "cost.svg"} <= files.keys()
    files["report.html"] = re.sub(
        r"<(style|script|pre)>.*?</\1>|<svg.*?</svg>", "", files["report.html"], flags=re.S
    )
    return files | {"terminal": said.out}


def test_no_surface_speaks_of_accuracy(pages):
    for name, text in pages.items():
        assert not ACCURACY.search(text), (name, ACCURACY.search(text), name)
        if name != "curves.svg":
            assert "test loss" in text or "test_loss" in text or name in ("effects.csv", "verdict.csv"), name
    assert "validation loss" in pages["curves.svg"]


def test_less_is_better_on_every_surface(pages):
    told = re.compile(r"pos: learned is better than none by 0\.0(29|30)")
    for name in ("terminal", "report.html", "report.md", "verdict.csv"):
        assert told.search(" ".join(pages[name].split())), name
        assert "none is better" not in pages[name]
    row = next(row for row in csv.DictReader(pages["effects.csv"].splitlines()) if row["axes"] == "pos")
    assert (row["verdict"], float(row["mean"]) < 0) == ("better", True)
    assert "pos: learned $-$ none & better & $-$0.0" in pages["table.tex"]
    cells = list(csv.DictReader(pages["cells.csv"].splitlines()))
    assert all(float(cell["best_loss"]) < float(cell["worst_loss"]) for cell in cells)
    assert "(less is better)" in pages["report.md"]


def test_the_front_of_a_loss_is_its_lower_edge(tmp_path):
    from ablate.report.figures.cost import front_of
    from ablate.report.findings import find
    from ablate.report.numbers.cells import plain
    from ablate.report.read import studies

    (found,), _ = find(*studies.read([study(tmp_path)]), Criteria(metric="test_loss"))
    cells = plain(found.cells, "test_loss")
    best = cells["cell"][front_of(cells, "flops_per_image", found.measure.sign)[-1]]
    assert best[0] == "learned"
    assert best == cells.loc[cells["mean"].idxmin(), "cell"]


def test_a_study_s_own_metric_is_known_by_itself(tmp_path, told):
    facts = {"name": "test/rmse", "direction": "minimize", "unit": "K", "margin": 0.1}
    study(tmp_path / "runs/made", "test/rmse", facts, lambda c, s: loss(c, s) + 1.0)
    said = told("runs/made")
    assert re.search(
        r"none and learned are equivalent within 0\.10000 K: learned − none is −0\.0(29|30)", said.text
    )
    assert "test/rmse in K (less is better)" in said.text
    assert "test/rmse K" in said.text
    assert not ACCURACY.search(said.out)
    assert "none and learned are equivalent" not in told("runs/made", "report.margin=0.001").text


def test_without_a_margin_nothing_is_equivalent(tmp_path, told):
    study(tmp_path / "runs/made", "reward", {"name": "reward"}, lambda c, s: 3.0 * s + 10 * loss(c, s))
    said = told("runs/made")
    assert "Nothing is called equivalent: report.margin=NUMBER says" in said.text
    assert said.code == 0


def test_direction_comes_from_the_name_or_is_asked_for(tmp_path, told):
    study(tmp_path / "runs/made", "quux", None, lambda c, s: 10 * loss(c, s))
    refused = told("runs/made", "report.metric=quux")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "ablate: report.metric=quux: nothing says which way is better; report.direction=maximize or minimize\n"
    )
    assert "pos: learned is better" in told("runs/made", "report.metric=quux", "report.direction=minimize").text
    assert "pos: none is better" in told("runs/made", "report.metric=quux", "report.direction=maximize").text
    wrong = told("runs/made", "report.metric=quux", "report.direction=up")
    assert wrong.err == ("ablate: report.metric=quux: direction is up; report.direction=maximize or minimize\n")


def test_a_metric_that_no_run_has_is_refused_with_those_that_there_are(tmp_path, told):
    study(tmp_path / "runs/made")
    said = told("runs/made", "report.metric=test_los")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("ablate: report.metric=test_los: no run has it; they have test_acc, test_loss, ")


def test_costs_are_metrics_too(tmp_path, told):
    study(tmp_path / "runs/made")
    said = told("runs/made", "report.metric=train_s")
    assert "patch: 4 and 7: the step from 4 to 7 is −26.40 with each of the 3 seeds" in said.text
    assert not ACCURACY.search(said.out)


@pytest.mark.parametrize("width", ["40", "80"])
def test_the_seeds_to_plan_for_are_in_the_metric_s_unit(tmp_path, told, monkeypatch, width):
    study(tmp_path / "runs/made")
    monkeypatch.setenv("COLUMNS", width)
    said = told("runs/made", "report.metric=test_loss", "--plan", "effect=0.01")
    assert said.code == 0
    assert "seeds for 0.01" in said.text or "0.01" in said.text
    assert not ACCURACY.search(said.out)


def test_names_say_which_way_is_better():
    for name in ("acc", "test/accuracy", "F1", "val_auc", "r2", "episode_reward", "images_per_s"):
        assert direction_of(name) == "maximize", name
    for name in ("loss", "evalRMSE", "test.mae", "word-error", "ppl", "FID", "wer", "train_s", "flops_per_image"):
        assert direction_of(name) == "minimize", name
    for name in ("x", "accuracy_loss", "lossless", "accumulate", ""):
        assert direction_of(name) is None, name
    assert unit_of("test/acc", [0.1, 0.9]) == "fraction"
    assert unit_of("test/acc", [10.0, 90.0]) == ""
    assert unit_of("f1", [0.5]) == ""
    assert unit_of("train_s", [0.5]) == "s"


def test_numbers_are_as_fine_as_their_spread():
    asked = Criteria(metric="x", direction="minimize")

    def said(*values: float) -> Measure:
        records = [one for seed, v in enumerate(values) for one in of_value(v, seed)]
        return measure(records, MetricFacts(name="x"), asked)

    assert said(0.0384, 0.0402, 0.0391).spread(0.0384, 0.0018) == "0.03840 ± 0.00180"
    assert said(31.25, 38.5, 35.0).value(31.25) == "31.2"
    assert said(2.512e9, 2.518e9, 2.515e9).value(2.512e9) == "2.5120G"
    assert said(5.0, 5.0).value(5.0) == "5.00"
    assert said(-3e-5, -1e-5).difference(-1e-5) == "−0.000010"


def of_value(value: float, seed: int):
    from ablate.records.run_record import RunRecord

    return [RunRecord(id=str(seed), state="done", cell={"a": "b"}, seed=seed, metrics={"x": value})]


def test_an_accuracy_of_somebody_else_is_in_points_under_its_own_name(tmp_path, told):
    facts = {"name": "test/acc"}
    study(tmp_path / "runs/made", "test/acc", facts, lambda c, s: 0.9 - loss(c, s))
    said = told("runs/made")
    assert re.search(r"learned is better than none by (2\.9|3\.0)\d points", said.text)
    assert "percentage points of test/acc" in said.text
    assert "test accuracy" not in said.text
    assert "test images" not in said.text


def test_the_table_alone_is_of_the_study_s_metric_too(tmp_path):
    from io import StringIO

    from rich.console import Console

    from ablate.report.read import studies
    from ablate.report.terminal import cells_table

    records, plan = studies.read([study(tmp_path, "rmse", {"name": "rmse", "unit": "K"})])
    text = StringIO()
    Console(file=text, width=80).print(cells_table(records, list(plan.axes), plan=plan))
    said = text.getvalue()
    assert "rmse K" in said
    assert not ACCURACY.search(said)


def test_the_door_takes_any_metric(tmp_path):
    import pandas as pd

    rows = [
        {"arm": a, "seed": s, "rmse": 2.0 - (a == "b") + 0.01 * (s % 2) * (a == "b")}
        for a in "ab"
        for s in range(3)
    ]
    found = verdict(pd.DataFrame(rows), metric="rmse")
    assert found.sentences[0].startswith("better: arm: b is better than a by 0.99")
    assert "rmse_mean" in found.cells
    with pytest.raises(ValueError, match="nothing says which way is better"):
        verdict(pd.DataFrame(rows).rename(columns={"rmse": "m"}), metric="m")
    assert read(study(tmp_path), metric="test_loss").effects["verdict"][0] == "better"


def test_the_dashboard_is_of_the_metric(tmp_path, monkeypatch, capsys):
    pytest.importorskip("wandb_workspaces")
    import importlib.util

    import ablate

    script = Path(ablate.__file__).parents[1] / "scripts/wandb_dashboard.py"
    spec = importlib.util.spec_from_file_location("wandb_dashboard", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    words = [str(study(tmp_path / "made")), "--json", "out.json", "--metric", "test_loss"]
    assert module.main(words) == 0, capsys.readouterr().err
    text = Path("out.json").read_text()
    assert not ACCURACY.search(text), ACCURACY.search(text)
    assert "test loss by pos" in text
    assert "val/loss" in text
    assert re.search(r"learned is better than none by 0\.0(29|30)", text)
