"""The numbers in docs/vit-on-mnist.md and docs/input-formats.md are those of the records in docs/course."""

import importlib.util
import json
import re
import shlex
from pathlib import Path
from statistics import mean, stdev

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("course", ROOT / "scripts/course.py")
course = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(course)
PAGES = [pytest.param(page, id=page.name) for page in course.PAGES]
HOW_IT_RAN = ("tracker=none", "hydra.launcher.workers=1", "hydra.launcher.workers=5")  # no part of what a run is


def blocks():
    """(what is above, name of the study, margin, what is inside) of every table with records."""
    for page in course.PAGES:
        text = page.read_text(encoding="utf-8")
        for found in course.BLOCK.finditer(text):
            yield pytest.param(text[: found.start()], found[2], found[0], id=found[2])


BLOCKS = list(blocks())


def records(name):
    return [json.loads(file.read_text()) for file in sorted((course.RECORDS / name).glob("*/record.json"))]


def test_there_are_tables_and_no_records_without_one():
    names = [block.id for block in BLOCKS]
    assert len(names) >= 3
    assert sorted(names) == sorted(place.name for place in course.RECORDS.iterdir() if place.is_dir())


@pytest.mark.parametrize("page", PAGES)
def test_tables_and_verdicts_are_what_the_records_give(page):
    text = page.read_text(encoding="utf-8")
    assert course.written(text) == text, "run: python scripts/course.py"


@pytest.mark.parametrize(("above", "name", "block"), BLOCKS)
def test_each_number_is_the_mean_over_the_seeds(above, name, block):
    """By hand, from the JSON."""
    plan = json.loads((course.RECORDS / name / "study.json").read_text())
    lines = [line.strip("| ").split(" | ") for line in block.splitlines() if re.match(r"\|.*\d", line)]
    cells = {}
    for record in records(name):
        assert record["state"] == "done"
        cells.setdefault(tuple(record["cell"][axis] for axis in plan["axes"]), []).append(record)
    assert len(lines) == len(cells) > 0
    for line in lines:
        words = {}
        for axes, arms in re.findall(r"([\w.+]+)=(\S+)", line[0]):  # zipped ones are one word
            words |= dict(zip(axes.split("+"), arms.split("+"), strict=True))
        runs = cells[tuple(words[axis] for axis in plan["axes"])]
        found = [100 * run["metrics"]["test_acc"] for run in runs]
        shown, _, spread = line[1].partition(" ± ")
        assert float(shown) == pytest.approx(mean(found), abs=0.00501)
        assert spread == (f"{stdev(found):.2f}" if len(found) > 1 else "")
        assert line[2] == str(len(found))
        size = float(line[3].rstrip("kM")) * {"k": 1e3, "M": 1e6}[line[3][-1]]
        assert size == pytest.approx(runs[0]["cost"]["params"], rel=0.005)


@pytest.mark.parametrize(("above", "name", "block"), BLOCKS)
def test_the_command_stands_above_the_table(above, name, block):
    plan = json.loads((course.RECORDS / name / "study.json").read_text())
    ran = [re.sub(r"^init\.path=runs/(\w+)/\w+", r"init.path=runs/\1/RUN", w) for w in plan["command"]]
    section = above[above.rindex("\n## ") :] if "\n## " in above else above
    typed = [shlex.split(words) for words in re.findall(r"python -m ablate\.train ([^`\n]+)", section)]
    wanted = sorted(plain(word) for word in ran if word not in HOW_IT_RAN)
    assert wanted in [sorted(plain(word) for word in words) for words in typed]


def plain(word):
    return "-m" if word == "--multirun" else word.replace("'", "").replace('"', "")


def test_neither_weights_nor_places_of_a_machine_are_kept():
    files = [file for file in course.RECORDS.rglob("*") if file.is_file()]
    assert {file.name for file in files} == {"study.json", "record.json", "history.csv", "README.md"}
    for file in files:
        assert not any(place in file.read_bytes() for place in (b"/tmp/", b"/root/", b"/home/")), file


def test_the_notebook_opens_the_records_and_draws(monkeypatch):
    """Its code, cell by cell, as Jupyter would run it in docs/."""
    import matplotlib.pyplot as plt

    monkeypatch.chdir(ROOT / "docs")
    monkeypatch.setattr(plt, "show", lambda: None)
    notebook = json.loads((ROOT / "docs/vit_on_mnist.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 5
    names = {}
    plt.close("all")
    try:
        for cell in cells:
            exec(cell, names)
        assert len(plt.get_fignums()) == 2
    finally:
        plt.close("all")
    assert sorted(names["found"]) == names["studies"] == sorted(block.id for block in BLOCKS)
    done = names["runs"]["state"] == "done"  # a study may have been cut off
    assert done.sum() == sum(len(records(name)) for name in names["studies"])


def test_the_notebook_shows_its_figures():
    notebook = json.loads((ROOT / "docs/vit_on_mnist.ipynb").read_text())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    assert sum("image/png" in output.get("data", ()) for output in outputs) == 2
    assert not [output for output in outputs if output["output_type"] == "error"]
