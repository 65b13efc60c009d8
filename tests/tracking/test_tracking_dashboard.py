"""The dashboard of a study: built offline as JSON, saved to the double."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ablate.records import record as records
from ablate.records.study_plan import RunEntry, StudyPlan

ROOT = Path(__file__).parents[2]
pytest.importorskip("wandb_workspaces")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("wandb_dashboard", ROOT / "scripts" / "wandb_dashboard.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def finished(study: Path, record) -> Path:
    """Two arms of a word axis and two of a number axis, three seeds; tracked nowhere."""
    runs = []
    for pos in ("none", "learned"):
        for depth in ("2", "4"):
            for seed in range(3):
                acc = 0.9 + 0.05 * (pos == "learned") + 0.001 * (seed * (pos == "none") + len(runs) % 2)
                one = replace(
                    record(seed=seed, pos=pos),
                    id=f"{len(runs):012x}",
                    state="done",
                    recipe="r",
                    cell={"pos": pos, "model.depth": depth},
                    metrics={"test_acc": acc, "test_loss": 1 - acc},
                    cost={"tokens": 49},
                )
                records.save(study / one.id, one)
                runs.append(RunEntry(id=one.id, cell=one.cell, seed=one.seed, recipe=one.recipe))
    axes = {"pos": ["none", "learned"], "model.depth": ["2", "4"]}
    records.save_plan(study, StudyPlan(study="patch pos", axes=axes, command=["-m"], runs=runs))
    return study


def built(script, study: Path, *words: str) -> dict:
    assert script([str(study), "--json", "out.json", *words]) == 0
    return json.loads(Path("out.json").read_text())


def panels(workspace: dict) -> dict[str, list[dict]]:
    sections = workspace["spec"]["section"]["panelBankConfig"]["sections"]
    return {section["name"]: section["panels"] for section in sections}


def test_the_workspace_shows_the_study_s_runs_grouped_by_the_axes(script, finished, capsys):
    found = built(script, finished)["workspace"]
    assert capsys.readouterr().out == "written, not sent: out.json\n"
    assert (found["project"], found["displayName"]) == ("ablate-mnist", "ablate: patch pos")
    (runs,) = found["spec"]["section"]["runSets"]
    assert [key["name"] for key in runs["grouping"]] == ["axes.value.pos", "axes.value.model_depth"]
    asked = [(f["key"]["name"], f["op"], f["value"]) for f in runs["filters"]["filters"]]
    assert asked == [("group", "=", "patch pos"), ("jobType", "!=", "report")]


def test_bars_with_spread_curves_by_cell_and_parallel_coordinates(script, finished):
    found = panels(built(script, finished)["workspace"])
    bars = [
        (bar["config"]["groupBy"], bar["config"]["groupAgg"], bar["config"]["groupArea"]) for bar in found["Arms"]
    ]
    assert bars == [
        (f"{key}", "mean", "stddev") for key in ("axes.value.pos", "axes.value.model_depth", "cell.value")
    ]
    assert {bar["config"]["metrics"][0] for bar in found["Arms"]} == {"test_acc"}
    accuracy = found["Learning curves"][0]["config"]
    assert (accuracy["xAxis"], accuracy["metrics"], accuracy["groupBy"]) == ("epoch", ["val/acc"], "cell.value")
    columns = [column["accessor"] for column in found["All runs"][0]["config"]["columns"]]
    assert columns == [
        *("config:axes.value.pos", "config:axes.value.model_depth"),
        *("summary:flops_per_image", "summary:train_s", "summary:test_acc"),
    ]


def test_the_names_are_those_that_the_tracker_gives_to_config_and_summary(script, finished, record):
    """A panel on a key that no run has would be empty, and nothing would say so."""
    from ablate.tracking import fields

    one = replace(record(), cell={"pos": "none", "model.depth": "2"})
    config = fields.config(one, None)
    for accessor in ("axes.value.pos", "axes.value.model_depth", "cell.value"):
        node: object = {key: {"value": value} for key, value in config.items()}
        for part in accessor.split("."):
            node = node[part]
    assert {"val_acc", "train_loss"} <= set(fields.HISTORY)
    assert (fields.HISTORY["val_acc"], fields.HISTORY["train_loss"]) == ("val/acc", "train/loss")
    assert {"flops_per_image", "train_s"} <= set(records.COST)
    assert "test_acc" in records.METRICS


def test_the_report_begins_with_the_verdict_and_ends_with_panels(script, finished):
    blocks = built(script, finished)["report"]["spec"]["blocks"]
    kinds = [block["type"] for block in blocks]
    assert kinds[1:-1] == [*["heading", "markdown-block"] * 3, "heading", "panel-grid"]
    told = [block["content"] for block in blocks if block["type"] == "markdown-block"]
    assert told[0].startswith("* **best** pos=learned model.depth=4: test accuracy 95.07 %.")
    assert "* **better** pos: learned is better than none by 4.90 points" in told[0]
    assert told[1].startswith("| contrast | verdict |")
    assert "| pos=none model.depth=2 |" in told[2]


@pytest.mark.slow
def test_saving_sends_both_and_saving_again_changes_them(script, finished, archive, capsys):
    for _ in range(2):
        assert script([str(finished)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"workspace: {archive.url}/someone/ablate-mnist?nw=")
    assert out[1].startswith(f"report: {archive.url}/someone/ablate-mnist/reports/")
    kinds = [(view["type"], view["entityName"], view["projectName"], view.get("id")) for view in archive.views]
    place = ("someone", "ablate-mnist")
    assert kinds == [
        *(("project-view", *place, None), ("runs", *place, None)),
        *(("project-view", *place, "view1"), ("runs", *place, "view2")),
    ]
    assert archive.views[0]["name"] == archive.views[2]["name"]


def test_online_runs_say_where_they_are(script, finished, archive):
    file = next(finished.glob("*/record.json"))
    facts = {"id": "x", "mode": "online", "folder": "wandb/x", "url": f"{archive.url}/us/our-vit/runs/x"}
    records.save(file.parent, replace(records.read(file.parent), wandb=facts))
    assert script([str(finished)]) == 0
    assert {(view["entityName"], view["projectName"]) for view in archive.views} == {("us", "our-vit")}
    assert script([str(finished), "--entity", "them", "--project", "theirs"]) == 0
    assert (archive.views[-1]["entityName"], archive.views[-1]["projectName"]) == ("them", "theirs")


def test_mistakes_are_one_line(script, finished, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    assert script([str(tmp_path / "empty")]) == 2
    assert "empty holds no study" in capsys.readouterr().err
    assert script([str(finished)]) == 2
    assert capsys.readouterr().err == (
        "ablate: W&B: offline, no account on this machine (`wandb login` once to see runs online); "
        "--json FILE needs no account\n"
    )
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    for name in [name for name in sys.modules if name.startswith("wandb_workspaces.")]:
        monkeypatch.delitem(sys.modules, name)
    assert script([str(finished), "--json", "out.json"]) == 2
    assert capsys.readouterr().err.endswith("; pip install 'vit-ablate[dashboard]' has it\n")


def test_help_names_the_extra():
    command = [sys.executable, str(ROOT / "scripts" / "wandb_dashboard.py"), "--help"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    assert "--json FILE" in said
    assert "[dashboard]" in said
