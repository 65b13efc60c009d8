"""A study with one damaged file: the same command still ends well, and its report comes.

The study has a run that is done, one that was stopped with a checkpoint, one that failed. Each of their files, and
each file of the study, is damaged in every way; then the report is asked for, and the same command is given again.
"""

import io
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from trouble import CUT

from ablate.records import record

ARMS = ("none", "raises", "sigterm")
WORDS = ("--config-dir=mine", "-m", f"aug={','.join(ARMS)}", *CUT)
KIND = {"none": "done", "raises": "failed", "sigterm": "stopped"}
FILES = {
    "none": ("record.json", "history.csv", "predictions.npz", "weights.pt"),
    "raises": ("record.json", "history.csv", "checkpoint.pt", "error.txt"),
    "sigterm": ("record.json", "history.csv", "checkpoint.pt"),
}


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def flipped(place: float) -> Callable[[Path], None]:
    """One bit is another, at a place from 0, the first byte, to 1, the last."""

    def flip(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[int(place * (len(data) - 1))] ^= 1 << random.Random(place).randrange(7)
        file.write_bytes(data)

    return flip


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "notes.txt").write_text("mine")


def loop(file: Path) -> None:
    """No user can read it, root neither."""
    file.unlink()
    file.symlink_to(file.name)


def garbage(file: Path) -> None:
    file.write_bytes(random.Random(0).randbytes(1000))


def another(file: Path) -> None:
    """Sound, and of something else."""
    if file.suffix == ".json" or file.name == "claim":
        file.write_text('{"mine": [1, 2, 3]}')
    elif file.suffix == ".pt":
        torch.save({"model": {"weight": torch.zeros(3)}}, file)
    elif file.suffix == ".npz":
        np.savez(file, test=np.zeros(7), label=np.zeros(7))
    else:
        file.write_text("a,b\n1\n1,2,3\n")


def gone(file: Path) -> None:
    file.unlink()


DAMAGES = {
    "cut": cut,
    "emptied": emptied,
    "flipped at the start": flipped(0.0),
    "flipped early": flipped(0.2),
    "flipped in the middle": flipped(0.5),
    "flipped late": flipped(0.9),
    "flipped at the end": flipped(1.0),
    "folder": folder,
    "loop": loop,
    "garbage": garbage,
    "another": another,
    "gone": gone,
}
PLACES = [(arm, name) for arm, names in FILES.items() for name in names] + [("study", "study.json")]
PLACES += [("study", "claim"), *((arm, "claim") for arm in ARMS)]
CASES = [(arm, name, how) for arm, name in PLACES for how in DAMAGES]
ALL = os.environ.get("ABLATE_DAMAGE") == "all"  # a fifth of them, of every file and in every way, if left out
QUICK = [
    ("none", "record.json", "cut"),
    ("none", "predictions.npz", "emptied"),
    ("raises", "error.txt", "folder"),
    ("sigterm", "checkpoint.pt", "flipped in the middle"),
    ("sigterm", "checkpoint.pt", "another"),
    ("sigterm", "record.json", "loop"),
    ("study", "study.json", "cut"),
    ("none", "claim", "folder"),
]


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> dict[str, Path]:
    """The study before its damage, and one that nothing happened to; made once, by `of`."""
    return {"home": tmp_path_factory.mktemp("begun")}


def of(begun: dict[str, Path], train: Any, trouble: str) -> None:
    """Gives this test a copy of the study, in the folder that it works in."""
    here = Path.cwd()
    if "study" not in begun:
        assert train(*WORDS).code == 143
        assert {r.cell["aug"]: (r.state, r.error) for r in record.read_study(Path("runs/aug"))} == {
            "none": ("done", None),
            "raises": ("failed", "LookupError: no such thing"),
            "sigterm": ("running", "stopped by SIGTERM"),
        }
        begun["study"] = Path(shutil.copytree("runs/aug", begun["home"] / "aug", symlinks=True))
        Path("mended").touch()
        shutil.rmtree("runs/aug")
        assert train(*WORDS).code == 0
        begun["whole"] = Path(shutil.move("runs/aug", begun["home"] / "whole"))
    Path("mended").touch()
    shutil.copytree(begun["study"], here / "runs/aug", symlinks=True)


def results(study: Path) -> dict[str, tuple]:
    return {r.cell["aug"]: (r.state, r.error, r.metrics) for r in record.read_study(study)}


def effects(study: Path) -> list:
    table = pd.read_csv(study / "report" / "effects.csv")
    return table[["name", "mean", "verdict"]].values.tolist()


def damaged(study: Path, arm: str, name: str, how: str) -> Path:
    ids = {r.cell["aug"]: r.id for r in record.read_study(study)}
    file = study / name if arm == "study" else study / ids[arm] / name
    if name == "claim":  # what a process leaves that was killed: ours, or another host's and long ago
        file.write_text(json.dumps({"host": "elsewhere", "pid": 1, "parent": 1}))
    assert file.is_file(), "a damage that changes nothing would test nothing"
    DAMAGES[how](file)
    if (name == "claim" and how in ("cut", "emptied", "garbage", "another")) or how.startswith("flipped"):
        os.utime(file, (time.time() - 600,) * 2)
    return file


def holds(begun: dict[str, Path], train: Any, trouble: str, capsys: Any, case: tuple[str, str, str]) -> None:
    """The whole claim, for one file and one damage."""
    from ablate.report.__main__ import main as report

    of(begun, train, trouble)
    study = Path("runs/aug")
    file = damaged(study, *case)
    assert report([str(study)]) == 0, capsys.readouterr()
    assert (study / "report/report.html").is_file()
    capsys.readouterr()
    shutil.rmtree(study / "report")
    said = train(*WORDS)
    assert said.code == 0, said
    assert "no verdict (" not in said.out
    assert (study / "report/report.html").is_file()
    assert results(study) == results(begun["whole"])
    assert effects(study) == effects(begun["whole"])
    _, name, how = case
    if how in ("cut", "emptied", "loop", "garbage", "another") and name in (
        "record.json",
        "predictions.npz",
        "study.json",
    ):
        assert str(file) in said.out
    if how == "folder":  # somebody else's file is still there
        kept = [place for place in study.rglob("notes.txt") if place.read_text() == "mine"]
        assert len(kept) == 1
    again = train(*WORDS)
    assert (again.code, results(study)) == (0, results(begun["whole"])), again
    assert "3 finished before" in again.out


@pytest.mark.parametrize("case", QUICK, ids=" ".join)
@pytest.mark.slow
def test_one_damaged_file_is_named_and_costs_no_more_than_itself(train, trouble, begun, capsys, case):
    assert case in CASES
    holds(begun, train, trouble, capsys, case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case not in QUICK][:: 1 if ALL else 5], ids=" ".join)
def test_every_file_in_every_way(train, trouble, begun, capsys, case):
    holds(begun, train, trouble, capsys, case)


FOREIGN = (".ipynb_checkpoints", ".DS_Store", ".nfs0001", ".record.json.mine", "copy of record.json", "notes")


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.slow
def test_what_is_not_ours_stays_and_is_in_nobodys_way(train, trouble, begun, name, kind):
    of(begun, train, trouble)
    places = [place / name for place in Path("runs/aug").glob("*/") if (place / "record.json").exists()]
    assert len(places) == 3
    for place in places:
        if kind == "folder":
            place.mkdir()
        (place / "x" if kind == "folder" else place).write_text("mine")
    assert train(*WORDS).code == 0
    for place in places:
        assert (place / "x" if kind == "folder" else place).read_text() == "mine"


@pytest.mark.slow
def test_drafts_that_a_killed_process_left_are_removed(train, trouble, begun):
    of(begun, train, trouble)
    drafts = [r.folder + "/.record.json.12345" for r in record.read_study(Path("runs/aug")) if r.state != "done"]
    for draft in drafts:
        Path(draft).write_text("{")
    assert train(*WORDS).code == 0
    assert not any(Path(draft).exists() for draft in drafts)


@pytest.mark.slow
def test_a_file_where_a_runs_folder_should_be(train, trouble, begun):
    of(begun, train, trouble)
    (lost,) = [Path(r.folder) for r in record.read_study(Path("runs/aug")) if r.state == "failed"]
    shutil.rmtree(lost)
    lost.write_text("mine")
    said = train(*WORDS)
    assert said.code == 0, said
    assert f"{lost} cannot be used (a file); it is now {lost.name}.damaged" in said.out
    assert lost.with_name(f"{lost.name}.damaged").read_text() == "mine"
    assert results(Path("runs/aug")) == results(begun["whole"])


@pytest.mark.slow
def test_a_checkpoint_of_another_run_is_not_continued(train, trouble, begun):
    """Even one of the same shapes: as copied by hand, or by a tool that merges folders."""
    of(begun, train, trouble)
    at = {r.cell["aug"]: Path(r.folder) for r in record.read_study(Path("runs/aug"))}
    shutil.copy(at["raises"] / "checkpoint.pt", at["sigterm"] / "checkpoint.pt")
    said = train(*WORDS)
    assert said.code == 0
    assert f"(it is of run {at['raises'].name}); it is now checkpoint.pt.damaged" in said.out
    assert results(Path("runs/aug")) == results(begun["whole"])


def test_no_bit_of_a_checkpoint_changes_unseen(train, trouble, begun):
    from ablate.train.checkpoint import sound

    of(begun, train, trouble)
    (r,) = [r for r in record.read_study(Path("runs/aug")) if r.state == "running"]
    file = Path(r.folder) / "checkpoint.pt"

    def content() -> bytes:
        into = io.BytesIO()
        torch.save(sound(file), into)
        return into.getvalue()

    whole, kept = file.read_bytes(), content()
    refused = 0
    for place in random.Random(0).sample(range(len(whole)), 60):
        changed = bytearray(whole)
        changed[place] ^= 4
        file.write_bytes(changed)
        try:
            found = content()
        except Exception:
            refused += 1
        else:
            assert found == kept, f"byte {place}"
    assert refused > 30


def test_a_record_that_was_changed_is_not_believed_but_one_without_a_sum_is(train):
    assert train("pos=learned").code == 0
    (r,) = record.read_study(Path("runs/single"))
    file = Path(r.folder) / "record.json"
    data = json.loads(file.read_text())
    data["metrics"]["test_acc"] = 0.123
    file.write_text(json.dumps(data))
    assert record.find(file.parent) is None
    del data["sum"]
    file.write_text(json.dumps(data))
    assert record.find(file.parent).metrics["test_acc"] == 0.123
