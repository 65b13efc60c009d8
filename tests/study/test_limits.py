"""A study of more runs than an array of Slurm may have is handed over in several arrays, one after the other."""

import os

import pytest

from ablate.study.launch.limits import most
from ablate.study.runs import Run
from hydra_plugins.ablate_sweeper.sweeper import batches


class SlurmLauncher:
    """Known by its name, as submitit's."""


class ProcessesLauncher:
    """Ours."""


@pytest.mark.parametrize(
    ("says", "expected"), [("echo 'MaxArraySize            = 401'", 401), ("exit 1", 1001), (None, 1001)]
)
def test_an_array_is_as_large_as_the_cluster_takes(tmp_path, monkeypatch, says, expected):
    if says:
        (tmp_path / "scontrol").write_text(f"#!/bin/sh\n{says}\n")
        (tmp_path / "scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin" if says else str(tmp_path))
    assert most(SlurmLauncher()) == expected
    assert most(ProcessesLauncher()) is None


def test_ten_thousand_runs_are_ten_arrays():
    runs = [Run(str(number), {}, number, "", []) for number in range(10_000)]
    sizes = [len(batch) for batch in batches(runs, 1001, ())]
    assert sizes == [1001] * 9 + [991]
