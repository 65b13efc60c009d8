"""`python -m ablate.report runs/`: one page for all studies of a folder."""

import os
from pathlib import Path

from made_study import made, truth, written

POS = {"pos": ["none", "learned"], "patch": ["4", "7"]}


def studies(folder: Path) -> None:
    written(folder / "old", *made(POS, [0, 1, 2], study="old"))
    written(
        folder / "new",
        *made({"pool": ["mean", "cls"]}, [0], study="new", acc=lambda c, s: 0.9 - 0.1 * (c["pool"] == "cls")),
    )
    asked, records = made(POS, [0, 1], study="begun", acc=lambda c, s: None if s else truth(c, s))
    written(folder / "begun", asked, records)
    (folder / "broken").mkdir()
    (folder / "broken/study.json").write_text("{")
    for age, name in enumerate(("broken", "begun", "new", "old")):
        for file in (folder / name).rglob("*.json"):
            os.utime(file, (10**9 - age, 10**9 - age))


def test_an_index_says_state_question_and_decision_of_each(tmp_path, told):
    studies(tmp_path / "runs")
    assert told("runs/old").code == 0
    studies_before = (tmp_path / "runs/new").stat().st_mtime_ns
    said = told("runs")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("index: runs/index.html\n")
    assert "old  2026-11-23  12 of 12 runs done" in said.text or "old 2026-11-23 12 of 12 runs done" in said.text
    assert "pos none, learned; patch 4, 7; 3 seeds" in said.text
    assert "pos=learned patch=4, test accuracy 98." in said.text
    assert "pool=mean, test accuracy 90.00 %; one seed" in said.text
    assert "4 of 8 runs done, 4 failed" in said.text
    page = Path("runs/index.html").read_text()
    for link in ('href="old/report/report.html"', 'href="new/"', 'href="begun/"', 'href="broken/"'):
        assert link in page, link
    assert page.index('href="begun/"') < page.index('href="new/"')
    assert "cannot be read" in page
    assert (tmp_path / "runs/new").stat().st_mtime_ns == studies_before, "an index changes no study"


def test_the_index_is_made_again_and_again_and_names_no_study_of_its_own(tmp_path, told):
    studies(tmp_path / "runs")
    first, second = told("runs"), told("runs/")
    assert first.out == second.out
    assert "index.html" not in Path("runs/index.html").read_text()


def test_a_folder_without_studies_is_still_a_mistake(tmp_path, told):
    (tmp_path / "runs/empty").mkdir(parents=True)
    said = told("runs")
    assert (said.code, said.out) == (2, "")
    assert "holds no study" in said.err
