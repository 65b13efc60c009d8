"""The report on a study as a run of its group, offline and online."""

import json
from pathlib import Path

import pytest
import wandb_file

from ablate.records import record as records
from ablate.tracking import Nothing, Wandb

TABLES = {
    "verdict.csv": "verdict,text,group\nbetter,pos: learned is better,1\n",
    "effects.csv": "name,mean,p,group\npos: learned − none,0.14,,1\n",
    "cells.csv": "pos,n,test_acc_mean,group\nnone,3,0.85,1\nlearned,3,0.99,1\n",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63680000008200817fc0de"
    "a80000000049454e44ae426082"
)


@pytest.fixture
def told(study: Path, record) -> Path:
    """A study with two records and a report."""
    for seed in range(2):
        one = record(seed=seed)
        records.save(study / one.id, one)
    figures = study / "report" / "figures"
    figures.mkdir(parents=True)
    for name, text in TABLES.items():
        (study / "report" / name).write_text(text)
    (study / "report" / "report.html").write_text("<!doctype html><p>learned is better")
    for name in ("forest", "cells"):
        (figures / f"{name}.png").write_bytes(PNG)
    return study


def tracker(mode="offline"):
    return Wandb(mode=mode, project=None, entity=None)


def test_offline_it_is_a_run_of_the_group_with_tables_figures_and_page(told):
    tracker().report(told)
    (seen,) = wandb_file.read_all(told)
    assert (seen.project, seen.group, seen.job_type) == ("ablate-mnist", "patch pos", "report")
    assert (seen.name, seen.tags, seen.exit_code) == ("report on patch pos", ["mnist"], 0)
    assert (seen.config["study"], seen.config["runs"]) == ("patch pos", ["000000000000", "000000000001"])
    (row,) = seen.history
    kinds = {key.removesuffix("._type"): value for key, value in row.items() if key.endswith("._type")}
    assert kinds == {
        **dict.fromkeys(["verdict", "effects", "cells"], "table-file"),
        **dict.fromkeys(["figures/cells", "figures/forest"], "image-file"),
        "page": "html-file",
    }
    assert seen.summary["verdict_text"] == "better: pos: learned is better"
    (run,) = told.glob("wandb/offline-run-*")
    table = json.loads((run / "files" / row["effects.path"]).read_text())
    assert (table["columns"], table["data"]) == (
        ["name", "mean", "p", "group"],
        [["pos: learned − none", 0.14, None, 1]],
    )
    assert (run / "files" / row["figures/forest.path"]).read_bytes() == PNG


def test_online_all_of_it_arrives(archive, told, capfd):
    tracker("auto").report(told)
    ((name, seen),) = archive.runs.items()
    assert name.startswith("report-")
    assert (seen.fields["groupName"], seen.fields["jobType"], seen.exit_code) == ("patch pos", "report", 0)
    assert archive.artifacts == {f"run-{name}-{table}": "COMMITTED" for table in ("verdict", "effects", "cells")}
    files = {path.split("/")[-1].split("_")[0]: data for path, data in archive.files.items() if "media" in path}
    assert set(files) == {"verdict", "effects", "cells", "forest", "page"}
    assert json.loads(files["verdict"])["data"] == [["better", "pos: learned is better", 1]]
    assert (files["forest"], files["page"]) == (PNG, b"<!doctype html><p>learned is better")
    assert capfd.readouterr() == ("", "")


def test_the_same_report_is_sent_once_and_another_anew(told):
    one = tracker()
    one.report(told)
    one.report(told)
    assert len(wandb_file.read_all(told)) == 1
    (told / "report" / "verdict.csv").write_text("verdict,text,group\nundecided,more seeds,1\n")
    one.report(told)
    assert {run.summary["verdict_text"] for run in wandb_file.read_all(told)} == {
        "better: pos: learned is better",
        "undecided: more seeds",
    }


def test_what_was_found_inside_runs_goes_along_and_is_news(told):
    one = tracker()
    one.report(told)
    inside = told / "000000000000" / "inside"
    inside.mkdir()
    (inside / "attention.png").write_bytes(PNG)
    one.report(told)
    first, second = (run.history[0] for run in wandb_file.read_all(told))
    name = "inside/000000000000/attention._type"
    assert sorted([name in first, name in second]) == [False, True]
    one.report(told)
    assert len(wandb_file.read_all(told)) == 2


def test_the_last_lines_count_it_apart(told, record):
    one = tracker()
    with one.run(record(), told):
        pass
    one.report(told)
    assert one.closing(told)[0] == "W&B: 1 run and 1 report, 2 not sent yet"


def test_a_server_that_is_lost_costs_the_view_and_it_is_sent_by_the_next(archive, told, monkeypatch, capfd):
    from ablate.tracking import client

    monkeypatch.setattr(client, "INIT_S", 2)
    one = tracker("auto")
    one.announce()
    archive.vanish()
    one.report(told)
    assert "W&B: offline, online failed: " in capfd.readouterr().err
    (seen,) = wandb_file.read_all(told)
    assert seen.job_type == "report"


@pytest.mark.parametrize("without", ["a tracker", "W&B", "a report", "runs", "a process of its own"])
def test_nothing_is_sent(told, without, monkeypatch):
    one = Nothing() if without == "a tracker" else tracker("disabled" if without == "W&B" else "offline")
    if without == "a report":
        (told / "report" / "cells.csv").unlink()
    if without == "runs":
        for file in told.glob("*/record.json"):
            file.unlink()
    if without == "a process of its own":
        monkeypatch.setenv("WANDB_SWEEP_ID", "s1")
    one.report(told)
    assert not list(told.glob("wandb/*"))


def test_pages_that_cannot_be_read_cost_the_view_and_are_told(told, capfd):
    (told / "report" / "report.html").unlink()
    (told / "report" / "report.html").mkdir()
    tracker().report(told)
    assert "W&B: disabled, offline failed: " in capfd.readouterr().err
