"""A study that takes long to plan says how far it is; a small one does not."""

import io

import pytest
from rich.console import Console

from ablate.study import waiting


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (99, ""),
        (1600, "planning: 20 of 1,600 runs\nplanning: 120 of 1,600 runs\n"),
    ],
)
def test_a_large_study_says_after_two_seconds_how_far_its_planning_is(monkeypatch, runs, expected):
    clock = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: clock[0])
    out = io.StringIO()
    watch = waiting.Waiting(Console(file=out))
    for done in range(0, 150, 10):
        clock[0] = done / 10
        watch(done, runs)
    assert out.getvalue() == expected


def test_on_a_terminal_one_line_counts(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: clock[0])
    out = io.StringIO()
    watch = waiting.Waiting(Console(file=out, force_terminal=True, color_system=None))
    for done in range(4):
        clock[0] = done
        watch(done, 200)
    assert out.getvalue() == "planning: 2 of 200 runs\rplanning: 3 of 200 runs\r"
