"""Online runs of the real client against a server that the tests control."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import wandb_file
from test_tracking_offline import COST, METRICS, holding, row
from wandb_double import KEY

from ablate.tracking import Wandb, client


def tracker():
    return Wandb(mode="auto", project=None, entity=None)


@pytest.fixture
def _impatient(monkeypatch):
    """Seconds are enough when the server is on this machine."""
    monkeypatch.setattr(client, "INIT_S", 2)
    monkeypatch.setattr(client, "FINISH_S", 1)


def test_a_run_arrives_whole(server, record, study):
    with tracker().run(record(), study) as run:
        for epoch in range(3):
            run.epoch(row(epoch))
        run.end(METRICS, COST)
    (seen,) = server.runs.values()
    assert seen.fields["project"] == "ablate-mnist"
    assert seen.fields["groupName"] == "patch pos"
    assert seen.fields["displayName"] == "pos=learned,patch=4,s=0"
    assert (seen.fields["jobType"], seen.fields["tags"]) == ("cell", ["mnist"])
    assert seen.config["axes"] == {"pos": "learned", "patch": "4"}
    assert seen.config["cell"] == "pos=learned,patch=4"
    assert [step["epoch"] for step in seen.history] == [0, 1, 2]
    assert seen.history[0]["val/acc"] == 0.7
    assert seen.summary["test_acc"] == 0.97
    assert seen.summary["tokens"] == 49
    assert seen.exit_code == 0


def test_facts_for_the_record(server, record, study):
    with tracker().run(record(), study) as run:
        facts = run.facts
    (name,) = server.runs
    assert (facts["id"], facts["mode"]) == (name, "online")
    assert facts["url"] == f"{server.url}/someone/ablate-mnist/runs/{name}"
    assert (study / facts["folder"]).is_dir()


def test_an_exception_fails_its_own_run_and_no_other(server, record, study):
    one = tracker()
    with pytest.raises(RuntimeError, match="bad"), one.run(record(seed=0), study):
        raise RuntimeError("bad")
    with one.run(record(seed=1), study):
        pass
    assert {run.config["seed"]: run.exit_code for run in server.runs.values()} == {0: 1, 1: 0}


@pytest.mark.parametrize("trouble", ["vanish", "hang", "fail", "deny"])
@pytest.mark.usefixtures("_impatient")
def test_a_server_lost_before_a_run_sends_the_rest_offline(server, record, study, capfd, trouble):
    one = tracker()
    assert "W&B: online" in one.announce()
    lose(server, trouble)
    began = time.monotonic()
    for seed in range(2):
        with one.run(record(seed=seed), study) as run:
            run.epoch(row(0))
            assert run.facts["mode"] == "offline"
    assert time.monotonic() - began < client.INIT_S + 5
    seen = wandb_file.read_all(study)
    assert sorted(run.config["seed"] for run in seen if run.history) == [0, 1]
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("W&B: offline, online failed: ")
    assert said[0].endswith("(`wandb sync` sends the runs later)")


@pytest.mark.parametrize("trouble", ["vanish", "hang", "fail"])
@pytest.mark.usefixtures("_impatient")
def test_a_server_lost_during_a_run_costs_one_wait(server, record, study, capfd, trouble):
    one = tracker()
    with one.run(record(seed=0), study) as run:
        lose(server, trouble)
        for epoch in range(3):
            run.epoch(row(epoch))
        run.end(METRICS, COST)
        began = time.monotonic()
    waited = time.monotonic() - began
    with one.run(record(seed=1), study) as run:
        assert run.facts["mode"] == "offline"
    assert client.FINISH_S <= waited < client.FINISH_S + 3
    assert "W&B: offline, online failed: Timed out finishing run (`wandb sync` sends" in capfd.readouterr().err
    first = next(run for run in wandb_file.read_all(study) if run.config["seed"] == 0)
    assert len(first.history) == 3
    assert first.summary["test_acc"] == 0.97


@pytest.mark.usefixtures("_impatient")
def test_what_was_cut_off_and_what_was_offline_is_sent_by_the_commands_at_the_end(server, record, study):
    """The commands of `closing` are run as printed, in a shell, for a folder with a space in its name."""
    one = tracker()
    with one.run(record(seed=0), study):
        pass
    with one.run(record(seed=1), study) as run:
        server.vanish()
        run.end(METRICS, COST)
    with one.run(record(seed=2), study) as run:
        run.end(METRICS, COST)
    lines = one.closing(study)
    assert lines[0] == "W&B: 3 runs, 2 not sent yet"
    assert lines[1] == "  look: wandb leet 'runs/patch pos/wandb'"
    assert lines[2] == f"  look: {server.url}/someone/ablate-mnist/groups/patch%20pos"
    assert lines[3] == "  send: wandb sync 'runs/patch pos/wandb'/offline-run-*"
    assert lines[4].startswith("  send: wandb sync --include-online 'runs/patch pos/wandb'/run-")
    assert len(lines) == 5
    server.come_back()
    for line in lines[3:]:
        in_a_shell(line.removeprefix("  send: "))
    assert {run.config["seed"]: run.summary.get("test_acc") for run in server.runs.values()} == {
        0: None,
        1: 0.97,
        2: 0.97,
    }
    assert {run.exit_code for run in server.runs.values()} == {0}
    assert one.closing(study) == ["W&B: 3 runs, all sent", *lines[1:3]]


ENDS = """
import sys
from pathlib import Path
from ablate.records.run_record import RunRecord
from ablate.tracking import Wandb, client
client.FINISH_S = 1
record = RunRecord(id="0", study="s", state="running", cell={}, seed=0, choices={"data": "d"})
with Wandb(mode="auto", project=None, entity=None).run(record, Path(sys.argv[1])) as run:
    assert run.facts["mode"] == "online"
    run.epoch({"epoch": 0})
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_a_process_whose_server_has_vanished_ends(server, study):
    command = [sys.executable, "-c", ENDS, str(study)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=env, text=True, **pipes) as process:
        assert process.stdout.readline() == "ready\n"
        server.vanish()
        _, said = process.communicate("\n", timeout=20)
    assert process.returncode == 0
    assert "W&B: offline, online failed: Timed out finishing run" in said


def test_no_key_reaches_the_disk_or_the_terminal(server, record, study, capfd):
    one = tracker()
    print(one.announce())
    with one.run(record(), study) as run:
        run.epoch(row(0))
    print(run.facts, one.closing(study))
    assert server.runs
    assert KEY not in "".join(capfd.readouterr())
    assert holding(KEY, study) == []


def lose(server, trouble):
    if trouble == "vanish":
        server.vanish()
    else:
        server.mood = trouble


def in_a_shell(command):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    assert shutil.which("wandb", path=path)
    subprocess.run(
        command, shell=True, check=True, capture_output=True, timeout=60, env=os.environ | {"PATH": path}
    )
