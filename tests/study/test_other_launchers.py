"""Installed, we change nothing for other Hydra programs: their launchers' settings, what they load, their task."""

import pytest
from programs import HIDDEN, PLAIN, ROOT, run, write

LAUNCHERS = ("basic", "joblib", "submitit_local", "submitit_slurm")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write(tmp_path_factory.mktemp("plain"), {"app.py": HIDDEN + PLAIN})


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_composed_settings_of_hydra_are_as_without_us(plain, launcher):
    words = ("app.py", "--cfg", "hydra", f"hydra/launcher={launcher}")
    with_us, without = run(plain, *words, PYTHONPATH=""), run(plain, *words, PYTHONPATH="", HIDDEN=str(ROOT))
    assert (with_us.returncode, with_us.stderr) == (0, ""), with_us.stderr
    assert "launcher" in with_us.stdout
    assert with_us.stdout == without.stdout


def test_with_us_hidden_there_is_no_sweeper_of_ours(plain):
    """Else the test above would compare a thing with itself."""
    words = ("app.py", "--cfg", "hydra", "hydra/sweeper=ablate")
    assert run(plain, *words, PYTHONPATH="").returncode == 0
    assert run(plain, *words, PYTHONPATH="", HIDDEN=str(ROOT)).returncode == 1


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_another_program_runs_with_its_launchers(plain, launcher):
    said = run(plain, "app.py", "-m", f"hydra/launcher={launcher}", "+a=1,2")
    assert said.returncode == 0, said.stderr


def test_a_program_that_does_not_use_us_loads_little_of_us(plain):
    code = "import runpy, sys\nrunpy.run_path('app.py', run_name='__main__')\n"
    code += (
        "print(sorted(m for m in sys.modules if m.split('.')[0] == 'ablate' or m == 'multiprocessing.forkserver'))"
    )
    said = run(plain, "-c", code)
    assert said.stdout.splitlines()[-1] == "['ablate', 'ablate.config', 'ablate.config.hydra_versions']"


CLOSURE = """
import os
import hydra

def make(word):
    @hydra.main(version_base="1.3", config_path=None)
    def main(cfg):
        print("ran", word, cfg.a, flush=True)
        return os.getpid()
    return main

make("within")()
"""
FAILS = """
import os, sys
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(cfg):
    if cfg.a == 1:
        raise ValueError("one is too little")
    if cfg.a == 2:
        os.kill(os.getpid(), 9)
    print("ran", cfg.a)

if __name__ == "__main__":
    main()
"""


def test_processes_runs_the_function_it_is_given(plain):
    said = run(plain, "app.py", "-m", "hydra/launcher=processes", "+a=1,2")
    assert said.returncode == 0, said.stderr
    assert [line for line in said.stdout.splitlines() if line.startswith("ran")] == [
        "ran {'a': 1}",
        "ran {'a': 2}",
    ]


def test_also_one_within_a_function_of_a_program_that_begins_when_it_is_imported(tmp_path):
    write(tmp_path, {"closure.py": CLOSURE})
    said = run(tmp_path, "closure.py", "-m", "hydra/launcher=processes", "+a=1,2")
    assert said.returncode == 0, said.stderr
    assert [line for line in said.stdout.splitlines() if line.startswith("ran")] == [
        "ran within 1",
        "ran within 2",
    ]


@pytest.mark.parametrize(("a", "line"), [("1", "one is too little"), ("2", "its process died")])
def test_processes_hands_on_what_a_job_raised(tmp_path, a, line):
    write(tmp_path, {"fails.py": FAILS})
    said = run(tmp_path, "fails.py", "-m", "hydra/launcher=processes", f"+a={a},3")
    assert said.returncode == 1
    assert line in said.stderr
    assert "ran 3" in said.stdout
