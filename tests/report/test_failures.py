"""Runs that failed: said first, left out of the means or counted as chance accuracy, and what that changes."""

from pathlib import Path

import numpy as np
import pandas as pd
from made_study import made, written

AXES = {"pos": ["none", "learned"], "patch": ["4", "7"]}


def acc(cell: dict[str, str], seed: int) -> float | None:
    """Without positions as good as with them, where it does not diverge."""
    if cell["pos"] == "none" and seed in (1, 3):
        return None
    noise = np.random.default_rng([seed, *" ".join(cell.values()).encode()]).standard_normal()
    return 0.95 + 0.0002 * float(noise)


def test_failures_are_said_first_and_what_they_would_change(tmp_path, told):
    written(tmp_path / "runs/made", *made(AXES, [0, 1, 2, 3, 4], acc=acc))
    said = told("runs/made")
    assert said.out.startswith("failed           pos=none: 4 of 10 runs diverged. The means are of the others")
    assert "too kind to these arms. Counted as chance accuracy (10.00 %):" in said.text
    assert "pos: learned − none would be undecided, not equivalent" in said.text
    table = pd.read_csv("runs/made/report/verdict.csv")
    assert table["verdict"][0] == "failed"
    page = Path("runs/made/report/report.html").read_text()
    assert page.index("4 of 10 runs diverged") < page.index("<h2>Verdict</h2>")


def test_as_chance_accuracy_a_failed_run_is_in_the_means(tmp_path, told):
    written(tmp_path / "runs/made", *made(AXES, [0, 1, 2, 3, 4], acc=acc))
    said = told("runs/made", "report.failures=chance")
    assert (
        "Here each counts as chance accuracy (10.00 %). Left out: pos: learned − none would be equivalent"
        in said.text
    )
    cells = pd.read_csv("runs/made/report/cells.csv")
    none = cells[cells["pos"] == "none"]
    assert none["n"].tolist() == [5, 5]
    assert none["failed"].tolist() == [2, 2]
    assert np.allclose(none["test_acc_mean"], (3 * 0.95 + 2 * 0.1) / 5, atol=0.001)
    effects = pd.read_csv("runs/made/report/effects.csv")
    assert effects.loc[effects["name"] == "pos: learned − none", "mean"].iloc[0] > 0.3


def test_where_no_guess_is_known_it_is_refused(tmp_path, told):
    written(tmp_path / "runs/made", *made(AXES, [0, 1, 2, 3], acc=acc))
    said = told("runs/made", "report.metric=test_loss", "report.failures=chance")
    assert (said.code, said.out) == (2, "")
    assert said.err == "ablate: report.failures=chance: nobody knows what a guess has for test loss\n"
    assert "too kind to these arms." in told("runs/made", "report.metric=test_loss").text
    assert told("runs/made", "report.failures=zero").err == (
        "ablate: report.failures=zero: missing or chance is wanted\n"
    )


def test_where_all_failed_there_are_no_others(tmp_path, told):
    written(tmp_path / "runs/made", *made(AXES, [0, 1], acc=lambda cell, seed: None))
    said = told("runs/made")
    assert "8 of 8 runs diverged, in 4 cells. So there is no mean to compare." in said.text
    assert "too kind" not in said.text


def test_without_failures_nothing_is_said_of_them(tmp_path, told):
    written(tmp_path / "runs/made", *made(AXES, [0, 2, 4], acc=acc))
    assert "too kind" not in told("runs/made", "report.failures=chance").text
