"""Studies that survive: what is finished stays, what was cut off goes on, nothing is done twice."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import TINY
from trouble import CUT

from ablate.records import atomic, record
from ablate.records.claim import claimed, owner

EXACT = ("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "ablate.train", *TINY, "tracker=none", *words]


def launch(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """The command as a user gives it, with a process for the runs."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parents[2])])
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        text=True,
        capture_output=True,
        timeout=300,
    )


def content(study: str) -> dict[str, tuple]:
    """All that a run leaves and that must not hang on how often it was cut off, by id."""
    found = {}
    for r in record.read_study(Path("runs") / study):
        folder = Path(r.folder)
        rows = [
            [row[k] for k in EXACT] for row in csv.DictReader((folder / "history.csv").read_text().splitlines())
        ]
        weights = torch.load(folder / "weights.pt", weights_only=True)
        files = sorted(file.name for file in folder.iterdir())
        predicted = np.load(folder / "predictions.npz")["test"].tobytes()
        state = (r.state, r.error, r.metrics, rows, predicted, files)
        found[r.id] = (*state, {name: w.numpy().tobytes() for name, w in weights.items()})
    return found


@pytest.mark.parametrize(("kind", "code"), [("sigterm", 143), ("sigint", 130)])
@pytest.mark.slow
def test_a_run_that_is_stopped_goes_on_bit_for_bit(train, trouble, kind, code):
    stopped = train(trouble, f"aug={kind}", "name=cut", *CUT)
    assert stopped.code == code
    assert "stopped by" in stopped.err
    assert "the same command again" in stopped.err
    (r,) = record.read_study(Path("runs/cut"))
    assert (r.state, r.error) == ("running", f"stopped by {kind.upper()}")
    assert r.ended is not None
    names = {file.name for file in Path(r.folder).iterdir()}
    assert names == {"record.json", "checkpoint.pt", "history.csv"}, "no claim, no draft"
    Path("mended").touch()
    again = train(trouble, f"aug={kind}", "name=cut", *CUT)
    assert again.code == 0, again.err
    assert "goes on after epoch 1 and 4 steps" in again.out
    assert train(trouble, f"aug={kind}", "name=whole", *CUT).code == 0
    assert content("cut") == content("whole")
    assert record.read_study(Path("runs/cut"))[0].attempts == 2


@pytest.mark.slow
def test_no_run_touches_another(train, trouble, tmp_path):
    bad = ("raises", "exits", "diverges", "sigkill")
    words = (trouble, "-m", "aug=raises,none,exits,shift,sigkill,affine,diverges,calm", *CUT)
    said = launch(tmp_path, *words)
    assert said.returncode == 3, said.stderr
    found = {r.cell["aug"]: r for r in record.read_study(Path("runs/aug"))}
    assert {arm for arm, r in found.items() if r.state == "failed"} == set(bad)
    assert {arm for arm, r in found.items() if r.state == "done"} == {"none", "shift", "affine", "calm"}
    causes = {arm: found[arm].error for arm in bad}
    assert causes["raises"] == "LookupError: no such thing"
    assert causes["exits"] == "SystemExit: 7"
    assert causes["sigkill"] == "its process died (killed, or out of memory)"
    assert causes["diverges"].startswith("FloatingPointError: the loss is nan at step 12;")
    assert (found["sigkill"].attempts, found["raises"].attempts) == (2, 1), "a dead process is tried again"
    told = " ".join(said.stdout.split())
    for arm in bad:
        assert f"aug={arm}" in told
        assert causes[arm] in told
    good = {arm: r.ended for arm, r in found.items() if r.state == "done"}
    Path("mended").touch()
    again = launch(tmp_path, *words)
    assert again.returncode == 0, again.stderr
    assert "8 runs, 4 finished before" in again.stdout
    mended = {r.cell["aug"]: r for r in record.read_study(Path("runs/aug"))}
    assert {r.state for r in mended.values()} == {"done"}
    assert {arm: mended[arm].ended for arm in good} == good
    assert train(trouble, "aug=sigkill", "name=whole", *CUT).code == 0
    (whole,), killed = content("whole").values(), content("aug")[mended["sigkill"].id]
    assert killed == whole, "two kills in its second epoch left no trace"


@pytest.mark.slow
def test_fail_fast_starts_no_run_after_a_failure(train, trouble):
    said = train(trouble, "-m", "aug=none,raises,shift", "sweep.fail_fast=true", *CUT)
    assert said.code == 3
    assert [r.state for r in record.read_study(Path("runs/aug"))] == ["done", "failed"]
    left = train(trouble, "-m", "aug=none,raises,shift", "sweep.retry_failed=false", *CUT)
    assert left.code == 3
    found = {r.cell["aug"]: r for r in record.read_study(Path("runs/aug"))}
    assert {arm: (r.state, r.attempts) for arm, r in found.items()} == {
        "none": ("done", 1),
        "raises": ("failed", 1),
        "shift": ("done", 1),
    }


def test_fresh_trains_again_from_the_start(train, trouble):
    train(trouble, "aug=sigterm", "name=cut", *CUT)
    Path("mended").touch()
    said = train(trouble, "aug=sigterm", "name=cut", "sweep.fresh=true", *CUT)
    assert said.code == 0
    assert "goes on" not in said.out


def test_a_gpu_without_room_trains_in_parts(train, monkeypatch):
    from ablate.train.fit import Fit

    step = Fit.step

    def short(self, images, labels):
        if self.how.parts == 1:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nMore.")
        return step(self, images, labels)

    train("name=whole")
    monkeypatch.setattr(Fit, "step", short)
    said = train("name=parts")
    assert said.code == 0, said.err
    assert "CUDA out of memory. Tried to allocate 20.00 MiB.\nonce more, with each batch in 4 parts" in said.out
    (whole,), (parts,) = (record.read_study(Path("runs") / name) for name in ("whole", "parts"))
    assert (whole.accumulate, parts.accumulate) == (1, 4)
    assert parts.metrics["train_loss"] == pytest.approx(whole.metrics["train_loss"], rel=1e-2)  # bf16


def test_a_run_that_cannot_be_written_is_not_the_end_of_the_others(train, monkeypatch):
    whole = atomic.whole

    def full(path):
        r = record.find(path.parent)
        if r and r.cell.get("pos") == "none":
            raise OSError(28, "No space left on device")
        return whole(path)

    monkeypatch.setattr(atomic, "whole", full)
    said = train("-m", "pos=none,learned", "sweep.crash_retries=0")
    assert said.code == 3
    assert "no record can be written: No space left on device" in said.out
    assert {r.cell["pos"]: r.state for r in record.read_study(Path("runs/pos"))} == {
        "none": "running",
        "learned": "done",
    }


@pytest.mark.slow
def test_runs_of_another_version_of_the_code_are_told(train):
    train("-m", "pos=none,learned")
    r = record.read_study(Path("runs/pos"))[0]
    r.code["digest"] = "0" * 12
    record.save(Path(r.folder), r)
    said = train("-m", "pos=none,learned")
    told = "1 of 2 runs was made by another version of the code; retrain with sweep.fresh=true\n"
    assert said.out.count(told) == 1
    assert "another version of the code; retrain" not in train("-m", "pos=none,learned", "sweep.fresh=true").out


@pytest.mark.slow
def test_a_changed_file_of_the_configuration_is_seen_by_a_finished_study(train, tmp_path):
    (tmp_path / "mine" / "pos").mkdir(parents=True)
    choice = tmp_path / "mine" / "pos" / "wide.yaml"
    for std in (0.02, 0.5):
        choice.write_text(f"_target_: ablate.axes.pos.Learned\n_partial_: true\nstd: {std}\n")
        assert train("--config-dir=mine", "-m", "pos=none,wide").code == 0
    found = {r.config["pos"].get("std") for r in record.read_study(Path("runs/pos"))}
    assert found == {None, 0.02, 0.5}


HOLD = """
import sys, time
from pathlib import Path
from ablate.records.claim import claimed
with claimed(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


def test_a_folder_has_one_owner_and_a_dead_one_loses_it(tmp_path):
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], env=env, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    with other:
        assert other.stdout.readline() == "True\n"
        assert owner(tmp_path).pid == other.pid
        with claimed(tmp_path) as ours:
            assert not ours
        other.kill()
    assert owner(tmp_path) is None
    with claimed(tmp_path) as ours:
        assert ours
        assert owner(tmp_path).pid == os.getpid()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "ours"), [(60, False), (180, True)])
def test_a_claim_of_another_host_holds_as_long_as_it_is_touched(tmp_path, age, ours):
    """Its lock is not seen here; its clock is."""
    file = tmp_path / "claim"
    file.write_text(json.dumps({"host": "elsewhere", "pid": 1, "parent": 1}))
    os.utime(file, (time.time() - age,) * 2)
    assert (owner(tmp_path) is None) == ours or file.unlink() is None
    with claimed(tmp_path) as got:
        assert got == ours


@pytest.mark.parametrize("ignored", [False, True])
def test_a_lost_terminal_stops_a_run_unless_it_was_told_to_go_on(train, trouble, monkeypatch, ignored):
    """`nohup` ignores the signal before it starts its command."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        said = train(trouble, "aug=sighup", "name=cut", *CUT)
    finally:
        signal.signal(signal.SIGHUP, before)
    (r,) = record.read_study(Path("runs/cut"))
    if ignored:
        assert (said.code, r.state) == (0, "done")
    else:
        assert (said.code, r.state, r.error) == (129, "running", "stopped by SIGHUP")
        assert (Path(r.folder) / "checkpoint.pt").is_file()


def test_ctrl_c_ends_a_study_within_seconds_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    words = command("-m", "pos=none,learned", "epochs=10000")
    study = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert study.stdout is not None
    with study:
        while "epoch 3/" not in study.stdout.readline():
            assert study.poll() is None
        began = time.monotonic()
        study.send_signal(signal.SIGINT)  # to the one process: who presses the keys sends it to all
        _, err = study.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert study.returncode == 130
    assert err == "ablate: stopped by SIGINT; run the same command again to finish what is missing\n"
    begun = record.read_study(Path("runs/pos"))  # as many as there are workers
    assert {(r.state, r.error) for r in begun} == {("running", "stopped by SIGTERM")}
    for r in begun:
        names = {file.name for file in Path(r.folder).iterdir()}
        assert {"record.json", "checkpoint.pt"} <= names <= {"record.json", "checkpoint.pt", "history.csv"}
    assert any((Path(r.folder) / "history.csv").exists() for r in begun)
