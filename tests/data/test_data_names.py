"""Names of the classes, from the data into the record and the report; labels that are none of them."""

import json
from pathlib import Path

import pytest

MINE = """
_target_: named.Named
train: 256
val: 64
test: 128
size: 8
classes: 4
wrong: 0
where: train
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine" / "data").mkdir(parents=True)
    (tmp_path / "mine" / "data" / "named.yaml").write_text(MINE)
    return ("--config-dir=mine", "data=named", "patch=4")


@pytest.mark.slow
def test_the_names_are_in_the_record_and_on_the_page(train, mine):
    said = train("-m", *mine, "pos=none,learned", "seed=0,1")
    assert said.code == 0, said.err
    records = [json.loads(file.read_text()) for file in Path("runs/pos").glob("*/record.json")]
    assert len(records) == 4
    known = {"classes": ["boot", "bag", "hat", "coat"], "train": 256, "val": 64, "test": 128}
    assert [record["data"] for record in records] == [known] * 4
    page = Path("runs/pos/report/report.md").read_text()
    assert "| boot | bag | hat | coat |" in " ".join(page.split())


def test_classes_without_names_have_numbers(train):
    said = train("-m", "pos=none,learned", "seed=0,1")
    assert said.code == 0, said.err
    record = json.loads(next(Path("runs/pos").glob("*/record.json")).read_text())
    assert record["data"] == {"classes": None, "train": 512, "val": 128, "test": 256}
    assert "| 0 | 1 | 2 | 3 |" in " ".join(Path("runs/pos/report/report.md").read_text().split())


@pytest.mark.parametrize(
    ("wrong", "where", "line"),
    [
        (4, "train", "data: label 4 of a train image is out of range; 4 classes have 0 to 3"),
        (-1, "val", "data: label -1 of a val image is out of range; 4 classes have 0 to 3"),
        (9, "test", "data: label 9 of a test image is out of range; 4 classes have 0 to 3"),
    ],
)
def test_a_label_out_of_range_is_told_before_anything_trains(train, mine, wrong, where, line):
    said = train(*mine, f"data.wrong={wrong}", f"data.where={where}")
    assert (said.code, said.err.strip()) == (2, f"ablate: {line}")
    assert not list(Path("runs").glob("*/*/record.json"))
