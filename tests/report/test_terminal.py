"""What the table of cells says, as text."""

from io import StringIO

import pytest
from made_study import made, read, truth
from rich.console import Console

from ablate.report.terminal import cells_table
from ablate.text import change, seconds, si

AXES = {"pos": ["none", "learned", "sinusoidal"], "patch": ["4", "14"]}


def printed(asked, records, axes=None, width=80) -> list[str]:
    console = Console(file=StringIO(), width=width)
    typed, plan = read(asked, records)
    console.print(cells_table(typed, list(plan.axes) if axes is None else axes, plan=plan))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_two_axes_fit_80_columns_as_plain_text():
    asked, records = made(AXES, [0, 1, 2])
    lines = printed(asked, records)
    assert "\x1b" not in "".join(lines)
    assert [line.split()[:2] for line in lines[2:8]] == [[p, k] for p in AXES["pos"] for k in AXES["patch"]]
    assert "…" not in "".join(lines)


def test_mean_sd_and_n_of_known_numbers_and_the_costs_in_three_digits():
    values = {0: 0.98, 1: 0.99, 2: 0.985}
    asked, records = made({"pos": ["learned"]}, [0, 1, 2], acc=lambda cell, seed: values[seed])
    row = " ".join(printed(asked, records)[2].split())
    assert row == "learned * 98.50 ± 0.50 3 49 204k 20.0M 7.02k 39.2"


def test_a_lone_seed_has_no_sd():
    asked, records = made({"pos": ["none"]}, [7], acc=lambda cell, seed: 0.9)
    assert printed(asked, records)[2].split()[:3] == ["none", "90.00", "1"]


def test_the_baseline_is_marked_and_rows_follow_the_order_asked_for():
    asked, records = made({"patch": ["14", "4"], "pos": ["sinusoidal", "learned"]}, [0])
    lines = printed(asked, records[::-1])
    assert [line.split()[:2] for line in lines[2:6]] == [
        ["14", "sinusoidal"],
        ["14", "learned"],
        ["4", "sinusoidal"],
        ["4", "learned"],
    ]
    assert "4      learned *" in lines[5]
    assert lines[6] == "* baseline"


def test_failed_missing_and_running_runs_are_counted_and_causes_named():
    def acc(cell, seed):
        if cell["pos"] == "none":
            return None
        return float("nan") if seed == 2 and cell["pos"] == "learned" else truth(cell, seed)

    asked, records = made({"pos": AXES["pos"]}, [0, 1, 2], acc=acc)
    records[-1] |= {"state": "running"}
    lines = printed(asked, records)
    assert lines[2].split()[:3] == ["none", "failed", "0/3"]
    assert [line.split()[-6] for line in lines[3:5]] == ["2/3", "2/3"]
    assert lines[6] == "failed: FloatingPointError: loss is nan at step 12; try a smaller optim.lr"
    assert lines[7:] == ["  pos=none seed=0,1,2", "running: 1", "not started: 1"]


def test_a_single_run_without_axes_and_without_a_plan():
    records, _ = read(*made({}, [0], acc=lambda cell, seed: 0.5))
    console = Console(file=StringIO(), width=80)
    console.print(cells_table(records, []))
    assert "50.00" in console.file.getvalue()


def test_an_unknown_cost_is_a_dash_not_zero():
    asked, records = made({"pos": ["none"]}, [0])
    records[0]["cost"]["images_per_s"] = None
    assert printed(asked, records)[2].split()[-2] == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (49, "49"),
        (999.9, "1.00k"),
        (208_874, "209k"),
        (21.34e6, "21.3M"),
        (0.1234, "0.123"),
        (None, "–"),
    ],
)
def test_three_digits(value, text):
    assert si(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.4117, "0.412"), (84.21, "84.2"), (99.96, "100"), (1520.2, "1520"), (None, "–")]
)
def test_seconds(value, text):
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("arm", "against", "said"),
    [
        ("learned", "none", "learned − none"),
        ("7", "4", "the step from 4 to 7"),
        ("1e-3", "0.01", "the step from 0.01 to 1e-3"),
        ("32+8", "28+7", "the step from 28+7 to 32+8"),
        ("7", "conv", "7 − conv"),
        ("a+b", "c+d", "a+b − c+d"),
    ],
)
def test_numbers_are_not_taken_off_each_other(arm, against, said):
    assert change(arm, against) == said
