"""Offline runs of the real client, read back from the files they leave."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import wandb_file
from wandb_double import KEY

from ablate.tracking import Wandb

ROW = {"train_loss": 0.5, "train_acc": 0.8, "val_loss": 0.6, "val_acc": 0.7, "lr": 0.004}
METRICS = {"test_acc": 0.97, "test_loss": 0.1, "val_acc": 0.96, "val_loss": 0.12, "train_loss": 0.09}
COST = {"tokens": 49, "params": 203_000, "flops_per_image": 1e7, "train_flops": 1e13, "images_per_s": 9000.0}
COST |= {"train_s": 84.0, "peak_bytes": None}


def tracker(project=None, entity=None):
    return Wandb(mode="offline", project=project, entity=entity)


def row(epoch, **changed):
    return {"epoch": epoch} | ROW | {"epoch_s": 8.0, "images_per_s": 9000.0} | changed


def test_a_run_is_all_there(record, study):
    with tracker().run(record(), study) as run:
        for epoch in range(3):
            run.epoch(row(epoch, train_loss=1 / (epoch + 1)))
        run.end(METRICS, COST)
    (seen,) = wandb_file.read_all(study)
    assert (seen.project, seen.group, seen.job_type) == ("ablate-mnist", "patch pos", "cell")
    assert (seen.name, seen.tags) == ("pos=learned,patch=4,s=0", ["mnist"])
    assert seen.config["axes"] == {"pos": "learned", "patch": "4"}
    assert seen.config["cell"] == "pos=learned,patch=4"
    assert seen.config["model"] == {"dim": 64, "depth": 4}
    assert (seen.config["study"], seen.config["run"], seen.config["seed"]) == ("patch pos", "0" * 12, 0)
    assert [step["epoch"] for step in seen.history] == [0, 1, 2]
    assert [step["train/loss"] for step in seen.history] == [1, 1 / 2, 1 / 3]
    assert {key for key in seen.history[0] if key[0] != "_"} == {
        *(
            "epoch",
            "lr",
            "train/loss",
            "train/acc",
            "val/loss",
            "val/acc",
            "time/epoch_s",
            "time/images_per_s",
        )
    }
    flat = METRICS | {key: value for key, value in COST.items() if value is not None}
    assert {key: seen.summary.get(key) for key in flat} == flat
    assert "peak_bytes" not in seen.summary
    assert seen.exit_code == 0


def test_curves_are_drawn_over_epochs(record, study):
    with tracker().run(record(), study):
        pass
    (seen,) = wandb_file.read_all(study)
    assert seen.steps == {"epoch": "", "train/*": "epoch", "val/*": "epoch", "time/*": "epoch", "lr": "epoch"}


def test_facts_for_the_record(record, study):
    with tracker().run(record(), study) as run:
        facts = run.facts
    (folder,) = study.glob("wandb/offline-run-*")
    assert facts == {
        "id": wandb_file.read_all(study)[0].id,
        "mode": "offline",
        "folder": f"wandb/{folder.name}",
        "url": None,
    }
    assert facts["id"].startswith("pos-learned_patch-4_s0-")


def test_four_runs_in_a_row_do_not_mix(record, study):
    one = tracker()
    for seed in range(4):
        with one.run(record(seed=seed), study) as run:
            run.epoch(row(0, lr=float(seed)))
    seen = wandb_file.read_all(study)
    assert sorted(run.name for run in seen) == [f"pos=learned,patch=4,s={seed}" for seed in range(4)]
    assert all([step["lr"] for step in run.history] == [run.config["seed"]] for run in seen)
    assert {run.exit_code for run in seen} == {0}


def test_runs_open_at_once_do_not_mix(record, study):
    one = tracker()
    with one.run(record(seed=0), study) as first, one.run(record(seed=1), study) as second:
        for epoch in range(3):
            first.epoch(row(epoch, lr=0.0))
            second.epoch(row(epoch, lr=1.0))
    for run in wandb_file.read_all(study):
        assert [step["lr"] for step in run.history] == [run.config["seed"]] * 3


@pytest.mark.parametrize("error", [RuntimeError("bad"), SystemExit(3), KeyboardInterrupt()])
def test_an_exception_fails_its_own_run_and_no_other(record, study, error):
    one = tracker()
    with one.run(record(seed=0), study):
        pass
    with pytest.raises(type(error)), one.run(record(seed=1), study):
        raise error
    with one.run(record(seed=2), study):
        pass
    seen = {run.config["seed"]: run for run in wandb_file.read_all(study)}
    assert {seed: run.exit_code for seed, run in seen.items()} == {0: 0, 1: 1, 2: 0}


def test_project_and_entity_can_be_named(record, study, monkeypatch):
    monkeypatch.setenv("WANDB_PROJECT", "from-the-environment")
    for tracked in (tracker(project="mine", entity="us"), tracker()):
        with tracked.run(record(), study):
            pass
    assert {(run.project, run.entity) for run in wandb_file.read_all(study)} == {
        ("mine", "us"),
        ("from-the-environment", ""),
    }


def test_a_sweep_agent_names_project_and_run(record, study, monkeypatch, capfd):
    for variable, value in {
        "SWEEP_ID": "s1",
        "RUN_ID": "given",
        "PROJECT": "theirs",
        "ENTITY": "them",
    }.items():
        monkeypatch.setenv(f"WANDB_{variable}", value)
    with tracker(project="mine").run(record(), study) as run:
        assert run.facts["id"] == "given"
    (seen,) = wandb_file.read_all(study)
    assert (seen.id, seen.project, seen.entity) == ("given", "theirs", "them")
    assert capfd.readouterr() == ("", "")


def test_installed_packages_are_not_listed_for_every_run(record, study):
    with tracker().run(record(), study):
        pass
    assert list(study.glob("wandb/*/run-*.wandb"))
    assert not list(study.glob("wandb/*/files/requirements.txt"))


def test_it_prints_nothing(record, study, capfd):
    with tracker().run(record(), study) as run:
        run.epoch(row(0))
        run.end(METRICS, COST)
    assert capfd.readouterr() == ("", "")


def test_offline_sends_nothing_anywhere(record, study, server):
    with tracker().run(record(), study) as run:
        run.epoch(row(0))
    import wandb

    wandb.teardown()
    assert server.requests == []


def test_a_folder_that_cannot_be_written_costs_the_view_not_the_run(record, tmp_path, capfd):
    (tmp_path / "runs").write_text("a file where the folder should be")
    one = tracker()
    for seed in range(2):
        with one.run(record(seed=seed), tmp_path / "runs" / "study") as run:
            run.epoch(row(0))
            assert run.facts is None
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("W&B: disabled, offline failed: ")
    assert said[0].endswith("(the records on disk do not need it)")


def test_a_client_that_dies_costs_the_view_not_the_run(record, study, capfd):
    one = tracker()
    with one.run(record(seed=0), study) as run:
        run.run.log = run.run.finish = None  # calling it raises, as does a client whose service was killed
        run.epoch(row(0))
        run.end(METRICS, COST)
    with one.run(record(seed=1), study) as run:
        assert run.facts is None
    said = capfd.readouterr().err.splitlines()
    why = "'NoneType' object is not callable"
    assert said == [f"W&B: disabled, offline failed: {why} (the records on disk do not need it)"]


TERMINATED = """
import signal, sys, time
from pathlib import Path
from ablate.records.run_record import RunRecord
from ablate.tracking import Wandb
def stop(*_):
    sys.exit(143)
signal.signal(signal.SIGTERM, stop)
record = RunRecord(id="0", study="s", state="running", cell={}, seed=0, choices={"data": "d"})
with Wandb(mode="offline", project=None, entity=None).run(record, Path(sys.argv[1])) as run:
    for epoch in range(200):
        run.epoch({"epoch": epoch})
    print("ready", flush=True)
    time.sleep(60)
"""


def test_sigterm_loses_no_row(study):
    command = [sys.executable, "-c", TERMINATED, str(study)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 143
    (seen,) = wandb_file.read_all(study)
    assert len(seen.history) == 200
    assert seen.exit_code == 1


def test_no_key_reaches_the_disk(record, study, monkeypatch, capfd):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    with tracker().run(record(), study) as run:
        run.epoch(row(0))
    assert KEY not in "".join(capfd.readouterr())
    assert holding(KEY, study) == []


def holding(text: str, folder: Path) -> list[Path]:
    """The files under a folder that hold a text."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 3
    return [file for file in files if text.encode() in file.read_bytes()]
