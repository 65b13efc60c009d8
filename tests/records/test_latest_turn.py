"""The number of a study's latest command, which each of its runs asks for."""

from pathlib import Path

import pytest

from ablate.records import record, turns, typed
from ablate.records.study_plan import RunEntry, StudyPlan


def planned(folder: Path, turn: int | None) -> Path:
    entry = RunEntry(id="a", cell={"pos": "none"}, seed=0, baseline=True, recipe=None, overrides=None)
    record.save_plan(folder, StudyPlan(turn=turn, runs=[entry]))
    return folder


@pytest.mark.parametrize(("turn", "number"), [(3, 3), (None, 0)])
def test_it_is_read_without_understanding_the_plan_of_all_runs(tmp_path, monkeypatch, turn, number):
    planned(tmp_path, turn)
    monkeypatch.delattr(typed, "from_json")
    assert turns.latest(tmp_path) == number


def test_a_plan_that_is_lost_or_damaged_has_none(tmp_path):
    assert turns.latest(tmp_path) == 0
    file = planned(tmp_path, 3) / record.PLAN
    file.write_text(file.read_text(encoding="utf-8").replace('"turn": 3', '"turn": 4'), encoding="utf-8")
    assert turns.latest(tmp_path) == 0, "it was changed after it was written"
    file.write_text("{", encoding="utf-8")
    assert turns.latest(tmp_path) == 0
