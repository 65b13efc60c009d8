"""Which attempts are a command's own is counted: clocks of two machines, or of one that was set, say nothing."""

import itertools
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from trouble import CUT

from ablate.records import attempt, record
from ablate.records.claim import claimed
from ablate.records.run_record import RunRecord

FUTURE = "2099-01-01T00:00:00.000+00:00"
OPTIONS = {"fresh": False, "retry_failed": True}


def found(study: str) -> list[RunRecord]:
    return record.read_study(Path("runs") / study)


def set_ahead(study: str) -> None:
    """Records as a machine would write them whose clock is wrong by decades."""
    for r in found(study):
        record.save(Path(r.folder), replace(r, started=FUTURE))


@pytest.mark.parametrize("word", ["sweep.fail_fast=false", "sweep.fail_fast=true"])
@pytest.mark.slow
def test_a_failure_of_the_future_is_tried_again(train, trouble, word):
    words = (trouble, "aug=raises", "name=late", *CUT)
    assert train(*words).code == 3
    set_ahead("late")
    Path("mended").touch()
    assert train(*words, word).code == 0
    (r,) = found("late")
    assert (r.state, r.attempts, r.turn) == ("done", 2, 2)


@pytest.mark.slow
def test_fresh_trains_results_of_the_future_again(train):
    train("-m", "pos=none,learned")
    set_ahead("pos")
    assert train("-m", "pos=none,learned", "sweep.fresh=true").code == 0
    assert [(r.attempts, r.started < FUTURE) for r in found("pos")] == [(2, True)] * 2


def test_a_node_whose_clock_lags_has_begun_its_runs_all_the_same(train, monkeypatch):
    years = itertools.count(2090, -1)
    monkeypatch.setattr(record, "now", lambda: f"{next(years)}-01-01T00:00:00.000+00:00")
    said = train("-m", "pos=none,learned")
    assert said.code == 0, said.err
    assert [r.attempts for r in found("pos")] == [1, 1]


def test_a_failure_is_tried_once_by_a_command_whatever_the_clock(train, trouble, monkeypatch):
    years = itertools.count(2090, -1)
    monkeypatch.setattr(record, "now", lambda: f"{next(years)}-01-01T00:00:00.000+00:00")
    assert train(trouble, "aug=raises", "name=late", *CUT).code == 3
    assert [r.attempts for r in found("late")] == [1]


@pytest.mark.slow
def test_commands_are_counted_on_when_study_json_is_lost(train):
    train("-m", "pos=none,learned")
    train("-m", "pos=none,learned", "sweep.fresh=true")
    Path("runs/pos/study.json").unlink()
    assert train("-m", "pos=none,learned", "sweep.fresh=true").code == 0
    assert [(r.attempts, r.turn) for r in found("pos")] == [(3, 3)] * 2
    assert record.read_plan(Path("runs/pos")).turn == 3


@pytest.mark.slow
def test_records_from_before_commands_were_counted_are_read(train):
    train("-m", "pos=none,learned")
    for r in found("pos"):
        record.save(Path(r.folder), replace(r, turn=None))
    assert "2 finished before" in train("-m", "pos=none,learned").out
    assert train("-m", "pos=none,learned", "sweep.fresh=true").code == 0
    assert [r.attempts for r in found("pos")] == [2, 2]


def test_an_attempt_is_everyones_who_began_before_it():
    """Of two commands at once neither tries again what the other's attempt has failed at meanwhile."""
    failed = RunRecord(id="0", state="failed", cell={}, seed=0, turn=2)
    assert attempt.settled(failed, 1, **OPTIONS)
    assert attempt.settled(failed, 2, **OPTIONS)
    assert not attempt.settled(failed, 3, **OPTIONS)


@pytest.mark.parametrize("wrong", [-3600, 3600])
def test_a_claim_is_as_old_as_the_clock_of_its_folder_says(tmp_path, monkeypatch, wrong):
    """The time of a file may be a server's, and not that of this machine."""
    (tmp_path / "claim").write_text(json.dumps({"host": "elsewhere", "pid": 1, "parent": 1}), encoding="utf-8")
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + wrong)
    with claimed(tmp_path) as ours:
        assert not ours
    os.utime(tmp_path / "claim", (now() - 180,) * 2)
    with claimed(tmp_path) as ours:
        assert ours
    assert list(tmp_path.iterdir()) == []
