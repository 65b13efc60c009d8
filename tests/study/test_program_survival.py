"""Survival and launchers with other people's programs: nothing is lost, nothing is done twice."""

from pathlib import Path

import pytest
from programs import run, write

from ablate.records import record
from ablate.records.run_record import RunRecord

pytestmark = pytest.mark.slow
LAUNCHERS = ("processes", "joblib", "submitit_local")
TROUBLE = """
import os, sys
from pathlib import Path
import hydra

@hydra.main(version_base="1.3", config_path=None, config_name="trouble")
def main(cfg):
    with open("begun.txt", "a") as file:
        print(cfg.kind, file=file)
    if not Path("mended").exists():
        if cfg.kind == "raises":
            raise LookupError("no such thing")
        if cfg.kind == "exits":
            sys.exit(7)
        if cfg.kind == "dies":
            os.kill(os.getpid(), 9)
    return {"rmse": float(len(cfg.kind))}

from hydra.core.config_store import ConfigStore
ConfigStore.instance().store("trouble", {"kind": "calm", "seed": 1})

if __name__ == "__main__":
    main()
"""
ASK = ("-m", "kind=raises,calm,exits,dies,fine", "hydra/sweeper=ablate", "hydra.sweeper.metric=rmse")


@pytest.fixture
def trouble(tmp_path):
    return write(tmp_path, {"trouble.py": TROUBLE})


def found(folder: Path, study: str) -> dict[str, RunRecord]:
    return {next(iter(one.cell.values())): one for one in record.read_study(folder / "runs" / study)}


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_no_run_touches_another(trouble, launcher):
    words = (*ASK, f"hydra/launcher={launcher}")
    said = run(trouble, "trouble.py", *words)
    assert said.returncode == 3, said.stderr
    runs = found(trouble, "kind")
    assert {kind for kind, one in runs.items() if one.state == "failed"} == {"raises", "exits", "dies"}
    assert runs["raises"].error == "LookupError: no such thing"
    assert runs["exits"].error == "SystemExit: 7"
    assert runs["dies"].error == "its process died (killed, or out of memory)"
    told = " ".join(said.stdout.split())
    assert all(str(runs[kind].error) in told for kind in ("raises", "exits", "dies"))
    good = {kind: runs[kind].ended for kind in ("calm", "fine")}
    (trouble / "mended").touch()
    again = run(trouble, "trouble.py", *words)
    assert again.returncode == 0, again.stderr
    assert "5 runs, 2 finished before" in again.stdout
    mended = found(trouble, "kind")
    assert {one.state for one in mended.values()} == {"done"}
    assert {kind: mended[kind].ended for kind in good} == good


def test_a_run_that_dies_is_tried_as_often_as_asked(trouble):
    for retries in (0, 2):
        said = run(
            trouble,
            "trouble.py",
            *("-m", "kind=dies", *ASK[2:]),
            *(f"hydra.sweeper.crash_retries={retries}", f"hydra.sweeper.name=r{retries}"),
        )
        assert said.returncode == 3, said.stderr
    assert (trouble / "begun.txt").read_text().split() == ["dies"] * 4


def test_fail_fast_starts_no_run_after_a_failure_and_a_failed_one_may_stay(trouble):
    ask = ("-m", "kind=calm,raises,fine", *ASK[2:])
    one_worker = "hydra.launcher.workers=1"
    fast = run(trouble, "trouble.py", *ask, "hydra.sweeper.fail_fast=true", "hydra/launcher=processes", one_worker)
    assert fast.returncode == 3, fast.stderr
    assert (trouble / "begun.txt").read_text().split() == ["calm", "raises"]
    left = run(trouble, "trouble.py", *ask, "hydra.sweeper.retry_failed=false")
    assert left.returncode == 3
    assert (trouble / "begun.txt").read_text().split() == ["calm", "raises", "fine"]
    fresh = run(trouble, "trouble.py", *("-m", "kind=calm,fine", *ASK[2:]), "hydra.sweeper.fresh=true")
    assert fresh.returncode == 0, fresh.stderr
    assert sorted((trouble / "begun.txt").read_text().split()) == ["calm", "calm", "fine", "fine", "raises"]
