"""Launchers: the same study from each of them, shares of the machine, and what is said of one that is absent."""

import importlib.util
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf
from programs import environ
from tiny import HERE, TINY

from ablate.config import cli
from ablate.records import record
from ablate.study.launch import launchers, local, machine
from ablate.train import seat
from hydra_plugins.ablate_defaults.launchers import OURS, PLUGINS

ROOT = Path(__file__).resolve().parents[2]
EXACT = ("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr")
RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs the extra [ray]")
LAUNCHERS = ("processes", "joblib", "submitit_local", pytest.param("ray", marks=RAY))


def study(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """A command as a user gives it, a thread a run."""
    env = environ()
    command = [sys.executable, "-m", "ablate.train", "-m", *TINY, "tracker=none", *words]
    return subprocess.run(command, cwd=folder, env=env, text=True, capture_output=True, timeout=300)


def content(folder: Path) -> dict[str, tuple]:
    """Of each run by its id: what must not hang on the launcher."""
    found = {}
    for r in record.read_study(folder):
        rows = record.load_history(Path(r.folder))
        with np.load(Path(r.folder) / "predictions.npz") as file:
            predicted = file["test"].tobytes()
        config = {key: value for key, value in r.config.items() if key not in ("name", "sweep")}
        found[r.id] = (r.state, r.metrics, config, [[row[k] for k in EXACT] for row in rows], predicted)
    return found


@pytest.fixture(scope="module")
def basic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("basic")
    assert study(folder, "pos=none,learned", "patch=4,7", "epochs=2", HERE).returncode == 0
    found = content(folder / "runs" / "patch-pos")
    assert [state for state, *_ in found.values()] == ["done"] * 4
    return found


@pytest.mark.slow
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_study_comes_out_the_same(tmp_path, basic, launcher):
    words = ("pos=none,learned", "patch=4,7", "epochs=2", f"hydra/launcher={launcher}")
    said = study(tmp_path, *words)
    assert said.returncode == 0, said.stderr
    assert said.stderr == "" or launcher == "ray", "which speaks of itself"
    assert content(tmp_path / "runs" / "patch-pos") == basic
    assert not list(tmp_path.glob("runs/None*")), "the study's name is in every path"


DIES = """
import os
class Dies:
    calls = 0
    def __call__(self, x, generator):
        self.calls += 1
        if self.calls == 12:  # the audit before the study stops earlier
            os.kill(os.getpid(), 9)
        return x
"""


@pytest.mark.slow
def test_jobs_of_this_machine_wait_for_each_other_and_for_the_last(tmp_path):
    """One at a time as asked; the first is killed, and the others are not lost or judged early."""
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    (tmp_path / "mine" / "aug" / "dies.yaml").write_text("_target_: dies.Dies\n")
    (tmp_path / "dies.py").write_text(DIES)
    cores = f"hydra.launcher.cpus_per_task={machine.cores()}"
    said = study(
        tmp_path,
        *("--config-dir=mine", "aug=dies,none,shift", "hydra/launcher=submitit_local", cores),
        *("sweep.crash_retries=0", "epochs=3", "batch=64"),
    )
    assert said.returncode == 3, said.stderr
    found = {r.cell["aug"]: r for r in record.read_study(tmp_path / "runs" / "aug")}
    assert {arm: (r.state, r.attempts) for arm, r in found.items()} == {
        "dies": ("failed", 1),
        "none": ("done", 1),
        "shift": ("done", 1),
    }
    first, second = sorted((found[arm].started, found[arm].ended) for arm in ("none", "shift"))
    assert first[1] <= second[0]


POOL = """
import os, time
from pathlib import Path

HERE, DEATHS = Path("here"), Path("deaths")

def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)

def deaths():
    return len(DEATHS.read_text()) if DEATHS.exists() else 0

class Dies:
    calls = 0
    def __call__(self, x, generator):
        self.calls += 1
        if self.calls == 12 and not Path("mended").exists():  # the audit before the study stops earlier
            until(HERE.exists, 5 if deaths() else 30)
            HERE.unlink(missing_ok=True)
            DEATHS.write_text("x" * (deaths() + 1))
            os.kill(os.getpid(), 9)
        return x

class Beside:
    calls = 0
    def __call__(self, x, generator):
        self.calls += 1
        if self.calls == 12 and not Path("mended").exists():
            HERE.touch()
            until(lambda: deaths() == 2, 30)
            time.sleep(1)
        return x
"""


AT_ONCE = {"joblib": "hydra.launcher.n_jobs=2", "ray": "+hydra.launcher.ray.init.num_cpus=2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("launcher", "retries", "lives", "beside"),
    [
        ("joblib", 1, 3, 2),
        ("joblib", 0, 2, 2),
        pytest.param("ray", 1, 2, 1, marks=RAY),
        pytest.param("ray", 0, 1, 1, marks=RAY),
    ],
)
def test_a_worker_that_dies_costs_only_its_own_run(tmp_path, launcher, retries, lives, beside):
    """`beside` works whenever `dies` does, were they launched together again; joblib's pool dies with a worker."""
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    for name in ("Dies", "Beside"):
        (tmp_path / "mine" / "aug" / f"{name.lower()}.yaml").write_text(f"_target_: pool.{name}\n")
    (tmp_path / "pool.py").write_text(POOL)
    words = ("--config-dir=mine", "aug=dies,beside,none,shift", "epochs=6", "batch=64")
    words = (*words, f"hydra/launcher={launcher}", AT_ONCE[launcher], f"sweep.crash_retries={retries}")
    said = study(tmp_path, *words)
    assert said.returncode == 3, said.stderr
    found = {r.cell["aug"]: r for r in record.read_study(tmp_path / "runs" / "aug")}
    assert {arm: (r.state, r.attempts) for arm, r in found.items()} == {
        "dies": ("failed", lives),
        "beside": ("done", beside),
        "none": ("done", 1),
        "shift": ("done", 1),
    }
    (tmp_path / "mended").touch()
    assert study(tmp_path, *words).returncode == 0
    ended = {r.cell["aug"]: r for r in record.read_study(tmp_path / "runs" / "aug")}
    assert (ended["dies"].state, ended["dies"].attempts) == ("done", lives + 1)
    assert all(ended[arm].ended == found[arm].ended for arm in ("beside", "none", "shift"))


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """The address of a cluster of ray, started in another folder, that has what a job can ask for: `mine`."""
    folder = Path(tempfile.mkdtemp(prefix="ray"))  # short, for names of sockets
    monkeypatch.setenv("RAY_TMPDIR", str(folder))
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", uuid.uuid4().hex)
    monkeypatch.setenv("PYTHONPATH", environ()["PYTHONPATH"])
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    words = ["--head", "--block", "--node-ip-address=127.0.0.1", f"--port={port}", "--include-dashboard=false"]
    command = [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "start",
        *words,
        "--num-cpus=2",
        '--resources={"mine":1}',
    ]
    with (folder / "said").open("w") as said:
        head = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    until = time.monotonic() + 90
    while "Ray runtime started" not in (folder / "said").read_text():
        assert head.poll() is None, (folder / "said").read_text()
        assert time.monotonic() < until
        time.sleep(0.2)
    yield f"127.0.0.1:{port}"
    head.terminate()
    head.wait(timeout=60)
    shutil.rmtree(folder)


def printed(launcher: str, n: int) -> list[list[str]]:
    """The `n` commands of docs/clusters.md with this launcher, each as the words after -m."""
    lines = (ROOT / "docs" / "clusters.md").read_text().splitlines()
    begin = "python -m ablate.train -m "
    found = [shlex.split(line.removeprefix(begin)) for line in lines if line.startswith(begin)]
    ours = [words for words in found if f"hydra/launcher={launcher}" in words]
    assert len(ours) == n
    return ours


@pytest.mark.slow
@pytest.mark.parametrize(("launcher", "n"), [("joblib", 2), ("submitit_local", 1)])
def test_the_commands_of_the_docs(tmp_path, launcher, n):
    for words in printed(launcher, n):
        said = study(tmp_path, *words, "sweep.fresh=true")
        assert said.returncode == 0, said.stderr
        assert [r.state for r in record.read_study(tmp_path / "runs" / "patch-pos")] == ["done"] * 4


@pytest.mark.slow
@RAY
def test_a_cluster_that_is_there_is_joined(tmp_path, cluster, monkeypatch):
    own, joins = printed("ray", 2)
    mine = "+hydra.launcher.ray.remote.resources.mine=0.5"
    assert own == joins[:-1]
    said = study(tmp_path, *joins, mine)
    assert said.returncode == 0, said.stderr
    monkeypatch.setenv("RAY_ADDRESS", cluster)
    said = study(tmp_path, *own, mine, "pos=none,learned,sinusoidal")
    assert said.returncode == 0, said.stderr
    assert "6 runs, 4 finished before" in said.stdout
    assert [r.state for r in record.read_study(tmp_path / "runs" / "patch-pos")] == ["done"] * 6


@pytest.mark.slow
@RAY
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_runs_under_ray_are_saved_when_the_study_is_stopped(tmp_path, number, code):
    env = environ()
    words = ("-m", *TINY, "tracker=none", "pos=none,learned", "epochs=10000", "hydra/launcher=ray")
    command = [sys.executable, "-m", "ablate.train", *words, AT_ONCE["ray"]]
    running = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 120
        while len(list(tmp_path.glob("runs/pos/*/history.csv"))) < 2:
            assert time.monotonic() < until
            time.sleep(0.2)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == code
    assert err.endswith(f"stopped by {number.name}; run the same command again to finish what is missing\n")
    found = record.read_study(tmp_path / "runs" / "pos")
    assert [(r.state, r.error) for r in found] == [("running", "stopped by SIGTERM")] * 2
    assert not list(tmp_path.glob("runs/pos/*/claim"))


EXTRA = {"joblib": "joblib", "submitit_local": "slurm", "submitit_slurm": "slurm", "ray": "ray"}


@pytest.mark.parametrize(("name", "extra"), EXTRA.items())
def test_an_absent_launcher_names_its_extra(name, extra):
    error = RuntimeError(f"Unknown plugin class : 'hydra_plugins.{PLUGINS[name]}'")
    assert cli.absent_launcher(error) == f'this launcher needs an extra: pip install "vit-ablate[{extra}]"'
    assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text(), "and that extra exists"
    assert EXTRA.keys() == PLUGINS.keys() == OURS.keys()


def test_a_stranger_of_a_launcher_is_named():
    error = RuntimeError("Unknown plugin class : 'hydra_plugins.mine.Launcher'")
    assert cli.absent_launcher(error) == "hydra_plugins.mine.Launcher: no such plugin is installed"
    assert cli.absent_launcher(RuntimeError("something else")) is None


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="ray is installed")
def test_a_launcher_that_is_not_installed_is_one_line(train):
    said = train("-m", "pos=none,learned", "hydra/launcher=ray")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'ablate: this launcher needs an extra: pip install "vit-ablate[ray]"\n'
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "line"),
    {
        ("hydra/launcher=joblibb",): "hydra/launcher=joblibb: no such choice. Did you mean joblib? There are: ",
        ("hydra/launcher=joblib", "hydra.launcher.n_jobs=three"): "hydra.launcher.n_jobs: Value 'three' of type",
        (
            "hydra/launcher=submitit_slurm",
            "hydra.launcher.mem=4",
        ): "hydra.launcher.mem: no such key. Did you mean mem_gb?",
    }.items(),
)
def test_a_wrong_word_about_a_launcher_is_one_line(train, words, line):
    said = train(*words)
    assert said.code == 2
    assert said.err.startswith(f"ablate: {line}"), said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("name", OURS)
def test_what_we_set_is_what_the_launcher_knows(name):
    """A default of ours that the plugin no longer has would be an error at each start."""
    from hydra.core.config_store import ConfigStore
    from hydra.core.plugins import Plugins

    Plugins.instance()  # finds them
    store = ConfigStore.instance()
    if f"{name}.yaml" not in store.list("hydra/launcher"):
        pytest.skip(f"{name} is not installed")
    theirs = store.load(f"hydra/launcher/{name}.yaml").node
    assert set(OURS[name]) <= set(theirs)
    assert theirs["_target_"] == f"hydra_plugins.{PLUGINS[name]}"


@pytest.fixture
def four_gpus(monkeypatch):
    """torch as it is on a machine with four GPUs, as far as we ask it; `chosen` are the devices set."""
    import torch

    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    names = [type("Properties", (), {"uuid": f"GPU-{i}"}) for i in range(4)]
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda i: names[i])
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    seat.own.cache_clear()
    yield chosen
    seat.own.cache_clear()


def test_a_worker_a_gpu_and_without_them_a_worker_a_core(four_gpus):
    machine.register()
    node = OmegaConf.create({"device": "auto", "joblib": OURS["joblib"], "local": OURS["submitit_local"]})
    assert (node.joblib.n_jobs, node.local.gpus_per_node) == (4, 4)
    node.device = "cpu"
    assert (node.joblib.n_jobs, node.local.gpus_per_node) == (machine.cores(), 0)


HOLD = """
import sys, time
from pathlib import Path
from ablate.train.seat import seat
index, lock = seat(["a", "b"], Path(sys.argv[1]))
print(index, flush=True)
time.sleep(60)
"""


def test_processes_share_the_gpus_out(tmp_path):
    def sit() -> tuple[subprocess.Popen, int]:
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-c", HOLD, str(tmp_path)]
        process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    there = [sit() for _ in range(3)]
    try:
        assert [index for _, index in there] == [0, 1, 0], "the third shares one"
        there[1][0].kill()
        there[1][0].wait()
        there.append(sit())
        assert there[-1][1] == 1, "one whose process was killed is free again"
    finally:
        for process, _ in there:
            process.kill()
            process.communicate()


def test_a_process_keeps_its_gpu(four_gpus, tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr(seat.tempfile, "gettempdir", lambda: str(tmp_path))
    other, lock = seat.seat([f"GPU-{i}" for i in range(4)], tmp_path / f"ablate-gpus-{os.getuid()}")
    assert other == 0
    cuda = torch.device("cuda")
    assert [seat.own(cuda) for _ in range(3)] == [torch.device("cuda", 1)] * 3
    assert four_gpus == [torch.device("cuda", 1)], "also for what asks for the current device"
    assert seat.own(torch.device("cpu")) == torch.device("cpu")
    lock.release()


def test_the_only_gpu_in_sight_is_the_one(four_gpus, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert seat.own(torch.device("cuda")) == torch.device("cuda")
    assert four_gpus == []


def test_only_children_that_live_are_asked_to_end(tmp_path):
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours, gone = subprocess.Popen(sleep), subprocess.Popen(sleep)
    gone.kill()
    gone.wait()
    for name in (ours.pid, gone.pid, os.getppid(), "logs"):
        (tmp_path / str(name)).mkdir()
    local.terminate(tmp_path.glob("*"))
    assert ours.wait(timeout=10) in (0, -signal.SIGTERM)  # 0: nobody knows, as it was waited for
    os.kill(os.getppid(), 0)  # our parent has not been harmed


def test_jobs_that_the_queue_forgot_have_ended():
    slurm = pytest.importorskip("ablate.study.launch.slurm", reason="needs the extra [slurm]")
    queue = slurm.Queue()
    for job in ("7_0", "7_1", "7_2", "8"):
        queue.register_job(job)
    told = "7_0|RUNNING|node3\n7_1|CONFIGURING|\n7_2|OUT_OF_MEMORY|node3\n9|PENDING|\n"
    queue._info_dict = queue.read_info(told)
    states = {
        job: (queue.get_state(job, "cache"), queue.is_done(job, "cache")) for job in ("7_0", "7_1", "7_2", "8")
    }
    assert states == {
        "7_0": ("RUNNING", False),
        "7_1": ("CONFIGURING", False),
        "7_2": ("OUT_OF_MEMORY", True),
        "8": ("GONE", True),
    }


def test_a_queue_that_does_not_answer_ends_no_job(monkeypatch, caplog):
    slurm = pytest.importorskip("ablate.study.launch.slurm", reason="needs the extra [slurm]")
    queue = slurm.Queue()
    queue.register_job("7")
    monkeypatch.setattr(queue, "_make_command", lambda: ["false"])
    assert not queue.is_done("7", "force")


def test_slurm_without_slurm_is_one_line(train, monkeypatch):
    pytest.importorskip("submitit")
    monkeypatch.setattr(launchers.shutil, "which", lambda name: None)
    said = train("pos=none", "hydra/launcher=submitit_slurm")
    assert said.code == 2
    assert said.err == "ablate: hydra/launcher=submitit_slurm: no Slurm commands here; a login node has them\n"
