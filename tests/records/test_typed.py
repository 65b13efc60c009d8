"""Records and plans as dataclasses: the same JSON back, newer fields kept, damage named."""

import json
import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from ablate.records import faults, record
from ablate.records.damage import Damaged
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan

EXAMPLE = Path(__file__).parents[2] / "docs/example"
RECORDS = sorted(EXAMPLE.glob("*/record.json"))


def test_the_example_comes_back_to_the_letter():
    """Every key in its place: other tools and the eye read these files."""
    assert len(RECORDS) == 36
    for file in RECORDS:
        text = file.read_text()
        assert json.dumps(RunRecord.from_json(json.loads(text)).to_json(), indent=1) == text.rstrip("\n")
    text = (EXAMPLE / "study.json").read_text()
    plan = StudyPlan.from_json(json.loads(text))
    assert json.dumps(plan.to_json(), indent=1) == text.rstrip("\n")
    assert len(plan.runs) == 36


def test_fields_of_a_newer_version_are_kept(tmp_path):
    given = json.loads(RECORDS[0].read_text()) | {"format": 2, "carbon_g": 1.5}
    (tmp_path / "record.json").write_text(json.dumps(given))
    one = record.read(tmp_path)
    assert one.more == {"carbon_g": 1.5}
    record.save(tmp_path, replace(one, state="failed"))
    again = json.loads((tmp_path / "record.json").read_text())
    assert again.pop("sum")
    assert list(again.items()) == list((given | {"state": "failed"}).items())
    plan = json.loads((EXAMPLE / "study.json").read_text()) | {"owner": "me"}
    plan["runs"][0]["priority"] = 3
    plan["design"] = {"kind": "full", "zip": [], "resolution": None, "aliases": [], "seed": 1}
    assert StudyPlan.from_json(plan).to_json() == plan


def test_what_a_newer_version_wrote_is_said_in_a_line():
    one = RunRecord.from_json(json.loads(RECORDS[0].read_text()))
    plan = StudyPlan.from_json(json.loads((EXAMPLE / "study.json").read_text()))
    home = Path("runs/pos")
    assert faults.newer(home, plan, [one]) == []
    later = "runs/pos was written by a newer version"
    kept = "fields unknown to this one are kept"
    assert faults.newer(home, plan, [replace(one, more={"carbon_g": 1})]) == [f"{later}; {kept}: carbon_g."]
    assert faults.newer(home, replace(plan, format=2), [one]) == [f"{later} (format 2, here 1); {kept}."]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"state": None}, "state is None, a text is wanted"),
        ({"seed": "0"}, "seed is '0', a whole number is wanted"),
        ({"seed": True}, "seed is True, a whole number is wanted"),
        ({"metrics": {"test_acc": "high"}}, "metrics.test_acc is 'high', a number is wanted"),
        ({"overrides": ["pos=none", 4]}, "overrides[1] is 4, a text is wanted"),
        ({"cell": [["pos", "none"]]}, "cell is [['pos', 'none']], an object is wanted"),
        ({"id": ...}, "no id in it"),
    ],
)
def test_a_damaged_record_is_named_with_its_field(tmp_path, change, line):
    given = {k: v for k, v in (json.loads(RECORDS[0].read_text()) | change).items() if v is not ...}
    (tmp_path / "record.json").write_text(json.dumps(given))
    with pytest.raises(Damaged, match=f"^{re.escape(line)}$"):
        record.read(tmp_path)
    assert record.find(tmp_path) is None
    home = tmp_path / "study" / "run"
    home.mkdir(parents=True)
    (tmp_path / "record.json").rename(home / "record.json")
    assert faults.unusable(home.parent) == {home / "record.json": line}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"done"', b"\xff\xfe"])
def test_what_is_no_record_at_all_is_named(tmp_path, text):
    (tmp_path / "record.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Damaged, match="JSON"):
        record.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"runs": [{"id": "a", "cell": {}}]}, "no seed in runs[0]"),
        ({"axes": {"pos": "none"}}, "axes.pos is 'none', a list is wanted"),
        ({"looks": [3, 6.5]}, "looks[1] is 6.5, a whole number is wanted"),
        ({"tuned": {"of": "pos"}}, "no tuning in tuned"),
    ],
)
def test_a_damaged_plan_is_named_with_its_field(tmp_path, change, line):
    (tmp_path / "study.json").write_text(json.dumps(json.loads((EXAMPLE / "study.json").read_text()) | change))
    with pytest.raises(Damaged, match=f"^{re.escape(line)}$"):
        record.read_plan(tmp_path)
    assert faults.unusable(tmp_path) == {tmp_path / "study.json": line}


def test_a_record_is_changed_by_replacing_it_and_a_misspelt_field_is_an_error():
    one = RunRecord.from_json(json.loads(RECORDS[0].read_text()))
    with pytest.raises(FrozenInstanceError):
        one.state = "failed"
    with pytest.raises(TypeError, match="stat"):
        replace(one, stat="failed")
    with pytest.raises(AttributeError, match="test_acc"):
        one.test_acc  # noqa: B018
