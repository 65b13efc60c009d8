"""examples/: each is run as its first lines say, on the tiny recipe."""

import json
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from ablate.records import record

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(f for f in (ROOT / "examples").rglob("*.py"))
TRAINED = [f for f in EXAMPLES if f.parent.name.startswith("own_")]


def command(example: Path) -> list[str]:
    """Words of the command in an example's docstring."""
    lines = [line.strip() for line in example.read_text().splitlines() if line.startswith("    ")]
    (found,) = (shlex.split(line) for line in lines if " python -m " in line or line.startswith("python "))
    return found


def test_all_examples_are_run_here():
    names = ["loop.py", "regression.py", "stripes.py", "ramp.py", "lines.py", "read_a_study.py"]
    assert [f.name for f in EXAMPLES] == names
    assert len(TRAINED) == 3


@pytest.mark.parametrize("example", TRAINED, ids=lambda f: f.stem)
def test_the_command_of_an_example(train, monkeypatch, example):
    path, *words = command(example)
    assert path == f"PYTHONPATH={example.parent.relative_to(ROOT)}"
    assert words[:3] == ["python", "-m", "ablate.train"]
    monkeypatch.syspath_prepend(example.parent)
    monkeypatch.delitem(sys.modules, example.stem, raising=False)
    said = train(*(str(ROOT / word) if word.startswith("examples/") else word for word in words[3:]))
    assert said.code == 0, said.err
    runs = [r for folder in Path("runs").iterdir() for r in record.read_study(folder)]
    assert len(runs) == (2 if "-m" in words[3:] else 1)
    assert {r.state for r in runs} == {"done"}
    if example.stem == "lines":
        (file,) = Path("runs").glob("*/lines.jsonl")
        epoch, end = map(json.loads, file.read_text().splitlines())
        assert epoch["run"] == end["run"] == runs[0].id
        assert end["test_acc"] == runs[0].metrics["test_acc"]
        assert f"lines: {file}" in said.out
    assert not [line for line in said.out.splitlines() if line.startswith("audit:")], said.out


def test_stripes_and_wrong_values_of_own_parts_are_one_line(train, monkeypatch):
    for name, wrong, line in [
        ("own_data", ("data=stripes", "data.size=30"), "data.size=30 is no multiple of 4"),
        ("own_part", ("pos=ramp", "pos.std=-1"), "pos.std=-1"),
    ]:
        monkeypatch.syspath_prepend(ROOT / "examples" / name)
        said = train("--config-dir", str(ROOT / "examples" / name / "conf"), *wrong)
        assert said.code == 2
        assert line in said.err


def test_a_study_is_read(capsys, monkeypatch):
    example = ROOT / "examples/read_a_study.py"
    assert command(example)[:2] == ["python", "examples/read_a_study.py"]
    monkeypatch.setattr(sys, "argv", [str(example)])
    runpy.run_path(str(example), run_name="__main__")
    said = capsys.readouterr().out
    assert "pos: learned is better than none by 7.25 points" in said
    assert "  pos: learned - none: +7.25 (+6.75 to +7.75), better" in said
    assert "better: norm: pre is better than post by 1.33 points" in said
