"""What a Hydra program needs so that its studies are sound, as tests that a project inherits.

from ablate.testing import ProgramContract

class TestTrain(ProgramContract):
    program = ("src/train.py",)
    words = ("trainer.max_epochs=1", "+trainer.limit_train_batches=10")
    metric = "test/acc"
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ablate.records.record import read_study
from ablate.records.run_record import RunRecord

OF_PYTHON = ("__pycache__", ".pytest_cache", ".git")


class ProgramContract:
    """A program has its metric, honours its seed, survives a kill and writes in the folders of its runs only.

    `program` is what follows `python`, `words` are overrides that make a run short, `axis` is a word that sweeps.
    The command is given in `home`. A test that kills needs runs of `kill_after_s` at least.
    """

    program: tuple[str, ...]
    words: tuple[str, ...] = ()
    axis: tuple[str, ...] = ()
    metric: str
    direction: str | None = None
    seed = "seed"
    home = Path()
    kill_after_s = 0.3
    limit_s = 600.0

    def command(self, runs: Path, *words: str) -> list[str]:
        """A study into a folder, as it is typed."""
        own = {"dir": runs, "metric": self.metric, "seed": self.seed, "direction": self.direction or "null"}
        asked = [f"hydra.sweeper.{key}={value}" for key, value in own.items()]
        given = (*self.words, *self.axis, *words, "hydra/sweeper=ablate", *asked)
        return [sys.executable, *self.program, "-m", *given]

    def study(self, runs: Path, *words: str) -> list[RunRecord]:
        """The records of a study that must come to its end."""
        done = subprocess.run(
            self.command(runs, *words),
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=self.limit_s,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return read_study(runs)

    def test_a_run_has_its_metric(self, tmp_path: Path) -> None:
        for one in self.study(tmp_path / "runs", f"{self.seed}=1"):
            assert one.error is None
            names = [name for name, value in one.metrics.items() if value is not None]
            assert self.metric.rpartition(":")[2] in names, f"{self.metric}: there are {', '.join(names)}"

    def test_equal_runs_are_equal_and_seeds_are_not(self, tmp_path: Path) -> None:
        name = self.metric.rpartition(":")[2]
        once, twice = (self.study(tmp_path / n, f"{self.seed}=1,2") for n in ("once", "twice"))
        assert [(r.id, r.metrics[name]) for r in once] == [(r.id, r.metrics[name]) for r in twice]
        first = [r for r in once if r.cell == once[0].cell]
        assert first[0].metrics[name] != first[1].metrics[name], f"{self.seed} changes nothing"

    def test_a_run_that_is_killed_is_done_again(self, tmp_path: Path) -> None:
        runs = tmp_path / "runs"
        words, quiet = self.command(runs, f"{self.seed}=1"), subprocess.DEVNULL
        with subprocess.Popen(words, cwd=self.home, stdout=quiet, stderr=quiet) as study:
            until = time.monotonic() + self.limit_s
            while not (pids := running(runs)) and study.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            assert pids, "no run was seen while it went on"
            time.sleep(self.kill_after_s)
            os.kill(pids[0], signal.SIGKILL)
            assert study.wait(self.limit_s) == 0
        records = read_study(runs)
        assert [r.state for r in records] == ["done"] * len(records)
        assert max(r.attempts or 0 for r in records) == 2, "the run had ended before it was killed"

    def test_it_writes_in_the_folders_of_its_runs_only(self, tmp_path: Path) -> None:
        before = files(self.home)
        self.study(tmp_path / "runs", f"{self.seed}=1")
        changed = {name for name, size in files(self.home).items() if before.get(name) != size}
        assert not changed, f"written outside of the run's folder: {', '.join(sorted(map(str, changed)))}"


def running(runs: Path) -> list[int]:
    """Processes that work on a run now."""
    found = []
    for claim in runs.glob("*/claim"):
        try:
            if (claim.parent / "record.json").exists():
                found.append(int(json.loads(claim.read_text(encoding="utf-8"))["pid"]))
        except (OSError, ValueError, KeyError):  # it is just being written, or gone
            continue
    return found


def files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of all files below a folder, but those that Python itself writes."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and not set(file.parts) & set(OF_PYTHON):
            status = file.stat()
            found[file] = (status.st_size, status.st_mtime_ns)
    return found
