"""`python -m ablate.report wandb:ENTITY/PROJECT/GROUP`: what the tracker sent comes back as the records it was."""

from pathlib import Path

import pandas as pd
import pytest
from made_study import made, written

from ablate import record as records
from ablate.report.__main__ import main
from ablate.tracking import Wandb, schema

ADDRESS = "wandb:someone/ablate-mnist/made"
FETCHED = Path("runs/wandb/someone/ablate-mnist/made")


@pytest.fixture
def sent(archive, tmp_path, capsys):
    """A study that was tracked online: a word axis and a number axis, three seeds, one run failed."""

    def acc(cell, seed):
        lost = 0.02 * (cell["pos"] == "none") + 0.0003 * ((seed * 7 + len(cell["pos"])) % 5)
        return None if (cell["pos"], cell["model.depth"], seed) == ("none", "4", 2) else 0.98 - lost

    axes = {"pos": ["none", "learned"], "model.depth": ["2", "4"]}
    folder = written(tmp_path / "runs/made", *made(axes, [0, 1, 2], acc=acc))
    tracker = Wandb(mode="auto", project=None, entity=None)
    for one in records.read_study(folder):
        try:
            with tracker.run(one, folder) as run:
                if one["state"] == "failed":
                    raise FloatingPointError
                for row in records.load_history(folder / one["id"]):
                    run.epoch(row)
                run.end(one["metrics"], one["cost"])
        except FloatingPointError:
            pass
    capsys.readouterr()
    return folder


def test_records_come_back_as_they_were(archive, sent, capsys):
    assert main([ADDRESS]) == 0
    back = {r["id"]: r for r in records.read_study(FETCHED)}
    there = {r["id"]: r for r in records.read_study(sent)}
    assert set(back) == set(there)
    for name, one in there.items():
        for key in (
            "state",
            "cell",
            "seed",
            "recipe",
            "choices",
            "config",
            "metrics",
            "versions",
            "code",
            "study",
        ):
            assert back[name][key] == one[key], key
        known = {key: value for key, value in one["cost"].items() if value is not None}
        if one["state"] == "done":
            assert {key: back[name]["cost"][key] for key in known} == pytest.approx(known)
            folder = FETCHED / name
            assert records.load_history(folder) == records.load_history(sent / name)


def test_the_verdict_is_the_same_and_says_what_is_missing(sent, capsys):
    assert main([str(sent)]) == 0
    capsys.readouterr()
    assert main([ADDRESS]) == 0
    there = capsys.readouterr().out

    here, fetched = (pd.read_csv(folder / "report/effects.csv") for folder in (sent, FETCHED))
    for column in ("name", "mean", "low", "p_holm", "verdict", "left_out"):
        pd.testing.assert_series_equal(here[column], fetched[column])
    assert "better" in set(here["verdict"])
    assert "Nothing on other test images: no run has left a predictions.npz" in there
    assert there.endswith("report: runs/wandb/someone/ablate-mnist/made/report/report.html\n")


def test_a_run_that_failed_and_was_done_again_counts_as_done(archive, sent, capsys):
    failed = next(r for r in records.read_study(sent) if r["state"] == "failed")
    with Wandb(mode="auto", project=None, entity=None).run(failed, sent) as run:
        run.end({"test_acc": 0.97}, {})
    assert main([ADDRESS]) == 0
    back = records.load(FETCHED / failed["id"])
    assert (back["state"], back["metrics"]["test_acc"]) == ("done", 0.97)


def test_the_report_run_of_the_group_is_no_run_of_the_study(archive, sent, capsys):
    assert main([str(sent)]) == 0
    Wandb(mode="auto", project=None, entity=None).report(sent)
    assert "report" in {run.fields["jobType"] for run in archive.runs.values()}
    assert main([ADDRESS]) == 0
    assert len(records.read_study(FETCHED)) == 12


def test_the_names_of_the_history_are_those_of_the_tracker():
    back = {name: name.removeprefix("time/").replace("/", "_") for name in schema.HISTORY.values()}
    assert {theirs: ours for ours, theirs in schema.HISTORY.items()} == back


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("wandb:made", "wandb:made: wandb:ENTITY/PROJECT/GROUP is wanted; the group is the study's name"),
        (
            "wandb:someone/ablate-mnist/mad=e",
            "wandb:someone/ablate-mnist/mad=e: that group has no run of ablate; `python -m ablate.report --help`",
        ),
    ],
)
def test_a_mistake_is_one_line(archive, tmp_path, capsys, address, line):
    assert main([address]) == 2
    assert capsys.readouterr().err == f"ablate: {line}\n"
    assert not (tmp_path / "runs").exists()


def test_without_an_account_one_line_says_so(capsys):
    assert main([ADDRESS]) == 2
    assert capsys.readouterr().err == f"ablate: {ADDRESS}: no account on this machine; `wandb login` once\n"
