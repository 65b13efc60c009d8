"""Runs that are cut off and go on, and networks that come and go, through the entrypoint and the real client."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import wandb_file
from tiny import TINY
from trouble import CUT
from wandb_double import KEY

from ablate.records import record
from ablate.tracking import mode as modes

EPOCHS = [1, 2, 3]


@pytest.mark.slow
def test_an_online_run_that_was_stopped_goes_on_as_the_same_run(train, trouble, server, monkeypatch):
    stopped = train(trouble, "aug=sigterm", "tracker=wandb", *CUT)
    assert stopped.code == 143
    (name, seen), *_ = server.runs.items()
    assert ([row["epoch"] for row in seen.history], seen.exit_code) == ([1], 1)
    Path("mended").touch()
    monkeypatch.setattr(modes, "_decided", {})  # another process
    assert train(trouble, "aug=sigterm", "tracker=wandb", *CUT).code == 0
    assert list(server.runs) == [name]
    assert [row["epoch"] for row in seen.history] == EPOCHS
    assert seen.exit_code == 0
    (r,) = record.read_study(Path("runs/single"))
    assert r.wandb["id"] == name
    assert seen.summary["test_acc"] == r.metrics["test_acc"]


@pytest.mark.slow
def test_an_offline_run_that_was_stopped_begins_anew_with_all_its_epochs(train, trouble):
    train(trouble, "aug=sigterm", "tracker=wandb", *CUT)
    Path("mended").touch()
    assert train(trouble, "aug=sigterm", "tracker=wandb", *CUT).code == 0
    cut, whole = sorted(wandb_file.read_all(Path("runs/single")), key=lambda run: len(run.history))
    assert cut.id != whole.id
    assert [row["epoch"] for row in cut.history] == [1]
    assert [row["epoch"] for row in whole.history] == EPOCHS
    assert (cut.exit_code, whole.exit_code) == (1, 0)


def test_a_server_in_trouble_that_recovers_gets_all(record, study, server):
    from ablate.tracking import Wandb

    with Wandb(mode="auto", project=None, entity=None).run(record(), study) as run:
        run.epoch({"epoch": 1})
        server.mood = "fail"
        run.epoch({"epoch": 2})
        time.sleep(1)
        server.mood = "serve"
        run.epoch({"epoch": 3})
    (seen,) = server.runs.values()
    assert [row["epoch"] for row in seen.history] == EPOCHS
    assert seen.exit_code == 0


@pytest.mark.slow
def test_a_run_on_a_dead_network_is_stopped_within_ten_seconds(server, tmp_path):
    words = [sys.executable, "-m", "ablate.train", *TINY, "tracker=wandb", "epochs=100000"]
    path = os.pathsep.join([str(Path(__file__).parents[2])])
    env = os.environ | {"PYTHONPATH": path, "WANDB_API_KEY": KEY, "WANDB_BASE_URL": server.url}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as study:
        assert study.stdout is not None
        while "epoch 3/" not in study.stdout.readline():
            assert study.poll() is None
        server.vanish()
        began = time.monotonic()
        study.send_signal(signal.SIGTERM)
        _, err = study.communicate(timeout=60)
        assert time.monotonic() - began < 10
    assert study.returncode == 143
    assert "run the same command again to finish what is missing" in err
    (r,) = record.read_study(Path("runs/single"))
    assert (r.state, r.error) == ("running", "stopped by SIGTERM")
