"""Studies on a real Slurm: `scripts/slurm_test.sh` starts one and runs these."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny import TINY

from ablate.records import record

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(shutil.which("sinfo") is None, reason="no Slurm here: scripts/slurm_test.sh brings one"),
]

ROOT = Path(__file__).resolve().parents[2]
EXACT = ("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr")
EPOCHS = ("epochs=3", "batch=64")  # 8 steps an epoch
JOBS = ("hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=1")

# A choice of `aug` that, until a file `mended` lies in the folder, makes trouble in its second epoch.
AUG = """
import json, os, signal, time
from pathlib import Path

class Here:
    def __init__(self, *, kind: str) -> None:
        self.kind, self.calls = kind, 0

    def __call__(self, x, generator):
        self.calls += 1
        if self.calls == 12 and not Path("mended").exists():
            told = {k: v for k, v in os.environ.items() if k.startswith(("SLURM_", "CUDA_", "OMP_"))}
            Path(f"{self.kind}.json.draft").write_text(json.dumps(told))
            os.replace(f"{self.kind}.json.draft", f"{self.kind}.json")
            if self.kind == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            for _ in range({"waits": 1200, "slow": 50}.get(self.kind, 0)):
                time.sleep(0.1)
                if Path("mended").exists():
                    break
        return x
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "here.py").write_text(AUG)
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    for kind in ("calm", "killed", "waits", "slow", "good"):
        (tmp_path / "mine" / "aug" / f"{kind}.yaml").write_text(f"_target_: here.Here\nkind: {kind}\n")
    yield tmp_path
    for command in commands:
        command.kill()
        command.communicate()
    commands.clear()
    subprocess.run(["scancel", "--name=ablate"], check=True)


commands: list[subprocess.Popen] = []  # of the test that runs


def begin(place: Path, *words: str) -> subprocess.Popen:
    """The command as a user gives it."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(place), str(ROOT)]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "ablate.train", "--config-dir=mine", *TINY, "tracker=none", *EPOCHS, *words]
    pipe = subprocess.PIPE
    commands.append(subprocess.Popen(command, cwd=place, env=env, stdout=pipe, stderr=pipe, text=True))
    return commands[-1]


def end(command: subprocess.Popen, seconds: float) -> tuple[int, str, str]:
    """(exit code, out, err); TimeoutExpired for a command that takes longer."""
    out, err = command.communicate(timeout=seconds)
    return command.returncode, out, err


def appears(file: Path, seconds: float = 90) -> dict:
    until = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < until, f"no {file.name} after {seconds:.0f} s"
        time.sleep(0.1)
    return json.loads(file.read_text())


def content(folder: Path) -> dict[str, tuple]:
    """Of each run by its id: what must not hang on where it was trained, or how often it was cut off."""
    found = {}
    for r in record.read_study(folder):
        rows = [[row[k] for k in EXACT] for row in record.load_history(Path(r.folder))]
        with np.load(Path(r.folder) / "predictions.npz") as file:
            found[r.id] = (r.state, r.metrics, rows, file["test"].tobytes())
    return found


def arms(folder: Path) -> dict[str, dict]:
    return {r.cell["aug"]: r for r in record.read_study(folder)}


def queue() -> list[str]:
    return subprocess.check_output(["squeue", "--noheader", "--array"], text=True).splitlines()


def test_an_array_of_which_one_is_killed_and_one_cancelled_is_finished_by_the_same_command(place):
    words = ("-m", "aug=calm,killed,waits,good", *JOBS, "sweep.crash_retries=0")
    more = ("hydra.launcher.partition=gpu", "hydra.launcher.timeout_min=7")
    study = begin(place, *words, *more, "hydra.launcher.setup=['export OMP_PLACES=cores']")
    told = appears(place / "waits.json")
    assert told["SLURM_JOB_PARTITION"] == "gpu"
    assert told["SLURM_MEM_PER_NODE"] == "1024"
    assert (told["OMP_NUM_THREADS"], told["OMP_PLACES"]) == ("1", "cores"), "both lines before srun"
    assert told["SLURM_ARRAY_TASK_COUNT"] == "4", "one job array"
    limit = subprocess.check_output(["squeue", "-h", "-j", told["SLURM_JOB_ID"], "-o", "%l"], text=True).strip()
    assert limit == "7:00"
    appears(place / "good.json")  # the last of them works while one waits and one is dead
    subprocess.run(["scancel", f"{told['SLURM_ARRAY_JOB_ID']}_{told['SLURM_ARRAY_TASK_ID']}"], check=True)
    code, out, err = end(study, 120)
    assert code == 3, err
    found = arms(place / "runs" / "aug")
    assert {arm: r.state for arm, r in found.items()} == {
        "calm": "done",
        "killed": "failed",
        "waits": "failed",
        "good": "done",
    }
    assert found["killed"].error == "its process died (killed, or out of memory)"
    assert queue() == []
    (place / "mended").touch()
    code, out, err = end(begin(place, *words), 120)
    assert code == 0, err
    assert "4 runs, 2 finished before" in out
    ended = arms(place / "runs" / "aug")
    assert {arm: (r.state, r.attempts) for arm, r in ended.items()} == {
        "calm": ("done", 1),
        "killed": ("done", 2),
        "waits": ("done", 2),
        "good": ("done", 1),
    }
    assert [ended[arm].ended for arm in ("calm", "good")] == [found[arm].ended for arm in ("calm", "good")]
    code, _, err = end(begin(place, *words[:2], "hydra/launcher=basic", "name=undisturbed"), 120)
    assert code == 0, err
    assert content(place / "runs" / "aug") == content(place / "runs" / "undisturbed")


def test_the_command_of_the_docs(place):
    """As printed, but for the recipe, one seed instead of five, and the memory of a small machine."""
    text = (ROOT / "docs" / "clusters.md").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("python") and "submitit_slurm" in line]
    study = begin(place, *shlex.split(line)[3:], "seed=0", "hydra.launcher.mem_gb=1")
    code, _, err = end(study, 200)
    assert code == 0, err
    assert [r.state for r in record.read_study(place / "runs" / "patch-pos")] == ["done"] * 4


def test_a_job_that_died_is_tried_again(place):
    """With a GPU asked for, which this Slurm hands out, though there is none to compute on."""
    study = begin(place, "aug=killed", *JOBS, "hydra.launcher.gpus_per_node=1", "device=cpu")
    told = appears(place / "killed.json")
    assert told["CUDA_VISIBLE_DEVICES"] == "0"
    (place / "mended").touch()
    code, _, err = end(study, 120)
    assert code == 0, err
    (r,) = record.read_study(place / "runs" / "single")
    assert (r.state, r.attempts) == ("done", 2)


def test_a_job_cancelled_in_the_queue_is_not_waited_for(place):
    """It never began: no record, no file, no process. Only the queue knows."""
    study = begin(
        place,
        "aug=good",
        *JOBS,
        "sweep.crash_retries=0",
        "+hydra.launcher.additional_parameters.hold=true",
    )
    until = time.monotonic() + 90
    while not queue():
        assert time.monotonic() < until
        time.sleep(0.2)
    subprocess.run(["scancel", "--name=ablate"], check=True)
    code, _, err = end(study, 90)
    assert code == 1, err
    assert "has not produced any output (state: CANCELLED)" in err


def test_ctrl_c_says_how_to_end_the_jobs(place):
    study = begin(place, "aug=waits", *JOBS)
    told = appears(place / "waits.json")
    study.send_signal(signal.SIGINT)
    code, _, err = end(study, 60)
    assert code == 130
    assert f"the Slurm jobs go on; to end them: scancel {told['SLURM_JOB_ID']}\n" in err
    assert queue() != []
    (place / "mended").touch()
    while queue():
        time.sleep(0.5)
    code, out, _ = end(begin(place, "aug=waits", *JOBS), 60)
    assert code == 0
    assert "1 run, 1 finished before" in out, "what the job did without us counts"


def test_what_sbatch_refuses_is_told(place):
    code, _, err = end(begin(place, "aug=good", *JOBS, "hydra.launcher.partition=nowhere"), 60)
    assert code == 2
    last = err.splitlines()[-1]  # after what sbatch itself says
    assert last.startswith("ablate: Slurm refuses the jobs: ")
    assert last.endswith("Invalid partition name specified")


def test_a_job_at_its_time_limit_is_queued_again_and_goes_on(place):
    """Slurm's warning before the limit, sent by hand: a limit itself is minutes away at the least."""
    study = begin(place, "aug=slow", *JOBS, "sweep.crash_retries=0", "epochs=100")
    told = appears(place / "slow.json")
    subprocess.run(["scancel", "--signal=USR2", told["SLURM_JOB_ID"]], check=True)
    (place / "mended").touch()
    code, _, err = end(study, 200)
    assert code == 0, err
    (r,) = record.read_study(place / "runs" / "single")
    assert (r.state, r.attempts) == ("done", 2)
    logs = "".join(file.read_text() for file in place.glob("runs/single/.submitit/*/*_log.*"))
    assert "Requeued job" in logs
    assert "goes on after epoch" in logs
