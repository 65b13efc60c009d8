"""A run of a program in a process of ours is what it would be in one of its own."""

import pytest
from programs import run, write

from ablate.records import record

UNSEEDED = """
import hydra
import numpy as np
import torch
from hydra.core.config_store import ConfigStore

@hydra.main(version_base="1.3", config_path=None, config_name="unseeded")
def main(cfg):
    return {"loss": torch.rand(()).item(), "numpy_loss": float(np.random.rand())}

ConfigStore.instance().store("unseeded", {"a": 1, "seed": 1})

if __name__ == "__main__":
    main()
"""
LOADS = """
import hydra
from hydra.core.config_store import ConfigStore
from multiprocessing import get_start_method, Process, Queue

@hydra.main(version_base="1.3", config_path=None, config_name="loads")
def main(cfg):
    queue = Queue()
    child = Process(target=lambda: queue.put(1.0))  # what no other method than fork can hand on
    child.start()
    child.join()
    return {"loss": queue.get()}

ConfigStore.instance().store("loads", {"a": 1, "seed": 1})

if __name__ == "__main__":
    main()
"""
STUDY = ("-m", "a=1,2", "seed=1,2", "hydra/sweeper=ablate", "hydra.sweeper.metric=loss")


@pytest.mark.parametrize("launcher", ["processes", pytest.param("joblib", marks=pytest.mark.slow)])
def test_what_a_program_does_not_seed_differs_from_run_to_run(tmp_path, launcher):
    write(tmp_path, {"unseeded.py": UNSEEDED})
    said = run(tmp_path, "unseeded.py", *STUDY, f"hydra/launcher={launcher}")
    assert said.returncode == 0, said.stderr
    runs = record.read_study(tmp_path / "runs/a")
    for name in ("loss", "numpy_loss"):
        assert len({one.metrics[name] for one in runs}) == 4, name


@pytest.mark.slow
def test_it_starts_processes_of_its_own_as_ever(tmp_path):
    write(tmp_path, {"loads.py": LOADS})
    said = run(tmp_path, "loads.py", *STUDY)
    assert said.returncode == 0, said.stdout
    assert [one.metrics["loss"] for one in record.read_study(tmp_path / "runs/a")] == [1.0] * 4
