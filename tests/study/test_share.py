"""How a machine is shared: by the size of a step and the cores there are, and by nothing that runs beside it."""

import os

import pytest

from ablate.study.launch import cores, environment, machine
from ablate.study.launch.share import Share, line_of, share, share_for


@pytest.fixture(autouse=True)
def four_cores(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "cores", lambda: 4)
    monkeypatch.setattr(machine, "gpus", lambda device: 0)
    monkeypatch.setattr(machine, "memory", lambda: 64 * 2**30)
    monkeypatch.setattr(cores, "folder", lambda: tmp_path)


@pytest.mark.parametrize(
    ("flops", "given", "expected"),
    [
        (0.6e9, {}, Share(4, 1)),  # the default recipe at patch 7
        (100e9, {}, Share(2, 2)),
        (1e12, {}, Share(1, 4)),
        (None, {}, Share(1, 4)),
        (0.6e9, {"workers": 2}, Share(2, 1)),
        (0.6e9, {"threads": 2}, Share(2, 2)),
        (1e12, {"workers": 3, "threads": 1}, Share(3, 1)),
    ],
)
def test_threads_follow_the_size_of_a_step(flops, given, expected):
    assert share(flops, "cpu", **given) == expected


def test_memory_bounds_the_runs_at_once(monkeypatch):
    monkeypatch.setattr(machine, "memory", lambda: 4 * 10**9)
    assert share(0.6e9, "cpu") == Share(2, 1)


@pytest.mark.parametrize(
    ("flops", "cores", "expected"),
    [
        (0.6e9, 16, Share(8, 2)),
        (0.6e9, 4, Share(4, 1)),  # no more than a core each
        (0.6e9, 1, Share(2, 1)),
        (100e9, 16, Share(2, 8)),
        (None, 16, Share(2, 8)),
    ],
)
def test_two_gpus_take_a_run_each_and_four_where_steps_are_small(monkeypatch, flops, cores, expected):
    monkeypatch.setattr(machine, "gpus", lambda device: 2)
    monkeypatch.setattr(machine, "cores", lambda: cores)
    assert share(flops, "auto") == expected


def test_a_queue_says_itself_how_many_it_takes(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    slurm = {"_target_": "hydra_submitit_launcher.submitit_launcher.SlurmLauncher", "cpus_per_task": 2}
    found = share_for(slurm, "cpu", [0.6e9], None)
    assert line_of(found, None) == "as many runs as the launcher has room for at once, 2 threads each"
    local = {"_target_": "hydra_submitit_launcher.submitit_launcher.LocalLauncher", "cpus_per_task": 2}
    assert line_of(share_for(local, "cpu", [0.6e9], None), None) == "2 runs at once, 2 threads each"


def test_what_the_user_has_set_wins():
    mine = {"GLIBC_TUNABLES": "mine"}
    environment.prepare(mine)
    assert mine["GLIBC_TUNABLES"] == "mine"
    assert mine["GOMP_SPINCOUNT"] == "10000"


def test_a_container_counts_by_its_quota(monkeypatch, tmp_path):
    monkeypatch.undo()
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text("1000000\n")
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert machine.cores.__wrapped__() == 1
    assert machine.memory.__wrapped__() == 1_000_000
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.cores.__wrapped__() == len(os.sched_getaffinity(0))


def test_two_studies_share_the_cores():
    first = [cores.take(2), cores.take(2)]
    assert all(first)
    assert cores.take(1) is None, "all four are taken"
    first[0].leave()
    assert cores.take(3) is None, "and what was taken in vain is given back:"
    assert cores.take(2) is not None
