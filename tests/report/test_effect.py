"""A row of the verdict has names and types: nothing of a frame is lost on its way to the words."""

import math
from dataclasses import fields

import pytest
from made_study import made, read

from ablate.report.findings import Criteria, find
from ablate.report.numbers.effect import Effect, effects


def test_rows_hold_all_that_the_frames_do():
    axes = {"pos": ["none", "learned"], "patch": ["4", "7"]}
    (found,), _ = find(*read(*made(axes, [0, 1, 2])), Criteria())
    names = {field.name for field in fields(Effect)}
    for frame in (found.effects, found.interactions, found.simple):
        assert set(frame.columns) - names == {"contexts"}  # `within` and `left_out` say what words need of them
        rows = effects(frame)
        assert [row.name for row in rows] == frame["name"].tolist()
        assert [row.mean for row in rows] == frame["mean"].tolist()
        assert [row.verdict for row in rows] == frame["verdict"].tolist()
    (first, *_) = effects(found.effects)
    assert math.isnan(first.low_images)  # no predictions here
    assert first.seeds_needed is None  # decided: no more are needed
    with pytest.raises(AttributeError):
        first.p_hulm  # noqa: B018


def test_seeds_needed_are_a_whole_number_or_none():
    noisy = {"none": (0.0, 0.002, 0.001), "learned": (0.001, 0.0, 0.003)}
    acc = made({"pos": list(noisy)}, [0, 1, 2], acc=lambda c, s: 0.9 + noisy[c["pos"]][s])
    (found,), _ = find(*read(*acc), Criteria())
    (row,) = effects(found.effects)
    assert row.verdict == "undecided"
    assert type(row.seeds_needed) is int
