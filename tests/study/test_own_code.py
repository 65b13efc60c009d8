"""Results of a user's own class whose code has changed: said, told apart, and never gone on with."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import HERE, TINY
from trouble import CUT

from ablate.records import record, sources

SPIRAL = """
import torch
from ablate.axes.pos import Learned
from turning import TURN

class Spiral(Learned):
    def forward(self, x):
        return super().forward(x) * TURN
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's `pos=spiral`; call it with a number to change the code, as another process will see it."""
    folder = tmp_path / "mine"
    (folder / "pos").mkdir(parents=True)
    (folder / "pos" / "spiral.yaml").write_text("_target_: spiral.Spiral\n_partial_: true\nstd: 0.02\n")
    (folder / "spiral.py").write_text(SPIRAL)
    monkeypatch.syspath_prepend(folder)

    def write(turn: float) -> str:
        (folder / "turning.py").write_text(f"TURN = {turn}\n")
        for name in ("spiral", "turning"):
            sys.modules.pop(name, None)
            (folder / "__pycache__" / f"{name}.{sys.implementation.cache_tag}.pyc").unlink(missing_ok=True)
        importlib.invalidate_caches()
        sources.digest.cache_clear()
        return "--config-dir=mine"

    yield write
    write(1.0)


def spirals() -> dict[int, dict]:
    return {r.seed: r for r in record.read_study(Path("runs/pos")) if r.cell["pos"] == "spiral"}


@pytest.mark.slow
def test_changed_code_of_the_users_own_is_said_and_told_apart_in_the_report(train, mine):
    words = ("-m", "pos=none,spiral", "seed=0,1")
    assert "another version" not in train(mine(1.0), *words).out
    own = spirals()[0].code["own"]
    assert list(own) == ["spiral"]
    assert "another version" not in train(mine(1.0), *words).out, "written anew, and the same"
    said = train(mine(-3.0), *words)
    assert "4 runs, 4 finished before" in said.out
    told = "2 of 4 runs were made by another version of the code (spiral); retrain with sweep.fresh=true\n"
    assert said.out.count(told) == 1
    more = train(mine(-3.0), "-m", "pos=none,spiral", "seed=range(5)")
    assert "2 of 10 runs were made by another version of the code (spiral)" in more.out
    new = spirals()[4].code["own"]
    assert new != own
    assert "2 groups of runs cannot be compared, so each is alone; report.together=code joins them." in more.out
    assert f"code of spiral: {new['spiral']} (3 runs), {own['spiral']} (2 runs)" in more.out
    fresh = train(mine(-3.0), "-m", "pos=none,spiral", "seed=range(5)", "sweep.fresh=true")
    assert fresh.code == 0
    assert "cannot be compared" not in fresh.out
    assert {r.code["own"]["spiral"] for r in spirals().values()} == {new["spiral"]}


@pytest.mark.slow
def test_a_study_of_one_code_is_one_group_though_an_arm_is_the_users_own(train, mine):
    said = train(mine(1.0), "-m", "pos=none,learned,spiral", "seed=0,1")
    assert said.code == 0
    assert "cannot be compared" not in said.out


AUG = """
import os, signal
from pathlib import Path
from turning import TURN

class Cut:
    calls = 0
    def __call__(self, x, generator):
        self.calls += 1
        if self.calls == 12 and not Path("mended").exists():
            os.kill(os.getpid(), signal.SIGTERM)
        return x * TURN
"""


def launch(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "ablate.train", *TINY, HERE, "tracker=none", "--config-dir=mine", *CUT, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder / "mine"), str(Path(__file__).parents[2])])},
        text=True,
        capture_output=True,
        timeout=120,
    )


@pytest.mark.parametrize("turn", [1.0, 2.0])
@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on_in_its_own_code_alone(train, mine, trouble, turn):
    words = (trouble, "aug=sigterm", "pos=spiral", *CUT)
    mine(1.0)
    assert train(*words, "name=cut").code == 143
    Path("mended").touch()
    mine(turn)
    said = train(*words, "name=cut")
    assert said.code == 0, said.err
    anew = " seed=0: begun with another version of the code (spiral); it starts anew\n"
    assert (anew in said.out) is (turn != 1.0)
    assert ("goes on after epoch" in said.out) is (turn == 1.0)
    train(*words, "name=whole")
    (cut,), (whole,) = (record.read_study(Path("runs") / name) for name in ("cut", "whole"))
    assert cut.metrics == whole.metrics


@pytest.mark.slow
@pytest.mark.parametrize("turn", [1.0, 2.0])
def test_the_same_holds_for_processes_of_their_own(tmp_path, monkeypatch, turn):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    (tmp_path / "mine" / "aug" / "cut.yaml").write_text("_target_: cut.Cut\n")
    (tmp_path / "mine" / "cut.py").write_text(AUG)
    (tmp_path / "mine" / "turning.py").write_text("TURN = 1.0\n")
    assert launch(tmp_path, "aug=cut", "name=cut").returncode == 143
    Path("mended").touch()
    (tmp_path / "mine" / "turning.py").write_text(f"TURN = {turn}\n")
    said = launch(tmp_path, "aug=cut", "name=cut")
    assert said.returncode == 0, said.stderr
    anew = " seed=0: begun with another version of the code (cut); it starts anew\n"
    assert (anew in said.stdout) is (turn != 1.0)
    assert ("goes on after epoch" in said.stdout) is (turn == 1.0)
    assert launch(tmp_path, "aug=cut", "name=whole").returncode == 0
    (cut,), (whole,) = (record.read_study(Path("runs") / name) for name in ("cut", "whole"))
    assert cut.metrics == whole.metrics


def test_what_was_left_by_other_code_of_ours_is_not_gone_on_with(train, trouble):
    train(trouble, "aug=sigterm", "name=cut", *CUT)
    (r,) = record.read_study(Path("runs/cut"))
    r.code["digest"] = "0" * 12
    record.save(Path(r.folder), r)
    Path("mended").touch()
    said = train(trouble, "aug=sigterm", "name=cut", *CUT)
    assert said.code == 0
    assert "begun with another version of the code; it starts anew" in said.out
    assert "goes on" not in said.out


@pytest.mark.slow
def test_a_failure_of_old_code_is_tried_again_from_the_start(train, mine, trouble):
    words = (mine(1.0), "name=bad", "aug=raises", "pos=spiral", *CUT)
    assert train(*words).code == 3
    Path("mended").touch()
    mine(2.0)
    said = train(*words)
    assert "begun with another version of the code (spiral); it starts anew" in said.out
    assert said.code == 0


def test_the_source_of_an_experiment_of_the_users_own_counts(train, mine, tmp_path):
    (tmp_path / "mine" / "doing.py").write_text(
        "from ablate.train.experiment import VisionTransformer\n\nclass Mine(VisionTransformer):\n    pass\n"
    )
    assert train(mine(1.0), "-m", "pos=none,learned", "hydra.sweeper.experiment=doing.Mine").code == 0
    assert {tuple(r.code["own"]) for r in record.read_study(Path("runs/pos"))} == {("doing",)}
