"""What a newer version of ablate wrote is neither guessed at nor written over: one line says so."""

import json
from pathlib import Path

import pytest

from ablate import __version__
from ablate.records import record
from ablate.records.damage import NewerFormat
from ablate.report.__main__ import main


def made_newer(file: Path) -> bytes:
    """Gives a file of ours the format of tomorrow; without its sum it counts as it is."""
    data = {key: value for key, value in json.loads(file.read_text()).items() if key != "sum"}
    del data["cell" if file.name == "record.json" else "runs"]
    file.write_text(json.dumps(data | {"format": 2, "cells": [1]}))
    return file.read_bytes()


@pytest.mark.parametrize("name", ["record.json", "study.json"])
def test_neither_the_report_nor_the_same_command_touches_it(train, capsys, name):
    assert train("-m", "pos=none,learned").code == 0
    file = sorted(Path("runs/pos").rglob(name))[0]
    before = made_newer(file)
    what = f"ablate: {file} was written by a newer version of ablate: it has format 2, and {__version__} reads 1"
    assert main(["runs/pos"]) == 2
    assert capsys.readouterr().err == f"{what}; update ablate\n"
    for words in (("-m", "pos=none,learned"), ("-m", "pos=none,learned", "sweep.fresh=true")):
        said = train(*words)
        assert (said.code, said.err) == (2, f"{what}; update ablate, or choose another study with name=...\n")
        assert file.read_bytes() == before
    assert train("-m", "pos=none,learned", "name=other").code == 0


def test_older_and_unknown_formats_are_read(tmp_path):
    for number in ({"format": 1}, {"format": None}, {}):
        text = json.dumps({"id": "a", "state": "done", "cell": {}, "seed": 0} | number)
        (tmp_path / "record.json").write_text(text)
        assert record.read(tmp_path).id == "a"
    (tmp_path / "record.json").write_text(json.dumps(json.loads(text) | {"format": 7}))
    with pytest.raises(NewerFormat, match="format 7"):
        record.load(tmp_path)
