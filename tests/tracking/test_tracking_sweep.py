"""`wandb sweep` and its agent drive the same command; scripts/wandb_sweep.yaml as it stands."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tiny import TINY
from wandb_double import ENTITY, KEY
from wandb_sweeper import SWEEP, Sweeper

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_an_agent_trains_the_grid_and_ablate_takes_it_over(tmp_path):
    """The file's own command, with the words of a tiny recipe added to it."""
    sweep = yaml.safe_load((ROOT / "scripts" / "wandb_sweep.yaml").read_text())
    sweep["command"] += TINY
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(sweep))
    with Sweeper() as server:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        told = {"PATH": path, "PYTHONPATH": str(ROOT), "WANDB_BASE_URL": server.url, "WANDB_API_KEY": KEY}

        def call(*words: str) -> subprocess.CompletedProcess:
            env = os.environ | told | {"OMP_NUM_THREADS": "1"}
            return subprocess.run(words, cwd=tmp_path, env=env, text=True, capture_output=True, timeout=400)

        made = call("wandb", "sweep", "-p", "ablate-synthetic", "sweep.yaml")
        assert f"wandb agent {ENTITY}/ablate-synthetic/{SWEEP}" in made.stderr, made.stderr
        agent = call("wandb", "agent", f"{ENTITY}/ablate-synthetic/{SWEEP}")
        assert agent.returncode == 0, agent.stderr
    given = {(cell["pos"], cell["patch"]) for cell in server.given.values()}
    assert given == {("none", 4), ("none", 7), ("learned", 4), ("learned", 7)}
    assert set(server.runs) == set(server.given), "the agent's ids, and no others"
    for run, cell in server.given.items():
        seen = server.runs[run]
        assert (seen.fields["sweep"], seen.fields["project"], seen.exit_code) == (SWEEP, "ablate-synthetic", 0)
        assert {axis: str(value) for axis, value in cell.items()}.items() <= seen.config["axes"].items()
        assert "val_acc" in seen.summary, "what the sweep's metric names"
    assert "ignored" not in agent.stderr.lower()

    grid = [f"{axis}={','.join(map(str, given['values']))}" for axis, given in sweep["parameters"].items()]
    taken = call(sys.executable, "-m", "ablate.train", "-m", *grid, *TINY, "tracker=none")
    assert taken.returncode == 0, taken.stderr
    assert "patch-pos: 4 runs, 4 finished before" in taken.stdout
    (study,) = tmp_path.glob("runs/*/study.json")
    assert len(json.loads(study.read_text())["runs"]) == 4
