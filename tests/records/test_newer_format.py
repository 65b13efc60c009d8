"""What a newer version of ablate wrote is neither guessed at nor written over: one line says so."""

import json
from pathlib import Path

import pytest

from ablate import __version__
from ablate.records import record
from ablate.records.damage import NewerFormat
from ablate.report.__main__ import main


def made_newer(file: Path) -> bytes:
    """Gives a file of ours a format that nobody understands yet; without its sum it counts as it is."""
    data = {key: value for key, value in json.loads(file.read_text()).items() if key != "sum"}
    data["cell" if file.name == "record.json" else "runs"] = "elsewhere"
    file.write_text(json.dumps(data | {"format": 2, "cells": [1]}))
    return file.read_bytes()


@pytest.mark.parametrize("name", ["record.json", "study.json"])
@pytest.mark.slow
def test_neither_the_report_nor_the_same_command_touches_it(train, capsys, name):
    assert train("-m", "pos=none,learned").code == 0
    file = sorted(Path("runs/pos").rglob(name))[0]
    before = made_newer(file)
    what = f"ablate: {file} was written by a newer version of ablate: it has format 2, and {__version__} reads 1"
    assert main(["runs/pos"]) == 2
    assert capsys.readouterr().err == f"{what}; update ablate\n"
    same = ("-m", "pos=none,learned")
    for words in (same, (*same, "sweep.fresh=true"), (*same, "name=pos"), ("pos=rope", "name=pos")):
        said = train(*words)
        assert (said.code, said.err) == (2, f"{what}; update ablate, or choose another study with name=...\n")
        assert file.read_bytes() == before
    assert train("-m", "pos=none,learned", "name=other").code == 0


@pytest.mark.slow
def test_a_newer_study_that_can_be_read_is_not_gone_on_with_either(train):
    """Its report is read (test_report_command.py); training would write over what it does not understand."""
    assert train("-m", "pos=none,learned").code == 0
    file = next(Path("runs/pos").glob("*/record.json"))
    data = {key: value for key, value in json.loads(file.read_text()).items() if key != "sum"}
    file.write_text(json.dumps(data | {"format": 2}))
    said = train("-m", "pos=none,learned", "seed=0,1")
    assert said.code == 2
    assert said.err.startswith(f"ablate: {file} was written by a newer version of ablate: ")
    assert len(list(Path("runs/pos").glob("*/record.json"))) == 2


def test_older_and_unknown_formats_are_read(tmp_path):
    for number in ({"format": 1}, {"format": None}, {}):
        text = json.dumps({"id": "a", "state": "done", "cell": {}, "seed": 0} | number)
        (tmp_path / "record.json").write_text(text)
        assert record.read(tmp_path).id == "a"
    (tmp_path / "record.json").write_text(json.dumps({"id": "a", "format": 7}))
    with pytest.raises(NewerFormat, match="format 7"):
        record.find(tmp_path)
