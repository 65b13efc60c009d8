"""The server of processes is started before Hydra reads a command that will probably need it, and ends with it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ablate.study.launch import ahead

HOME = Path(__file__).parents[2]
ASKED = ["--multirun", "pos='none','learned'", "tracker=none"]


def study(folder: Path, command: list[str]) -> Path:
    """The study.json of a study that was asked for with these words."""
    (folder / "runs" / "pos").mkdir(parents=True)
    file = folder / "runs/pos/study.json"
    file.write_text(json.dumps({"format": 1, "study": "pos", "command": command, "runs": []}, indent=1))
    return file


@pytest.mark.parametrize(
    ("words", "likely"),
    [
        (ASKED, True),
        ([], True),
        ([*ASKED, "hydra/launcher=processes"], True),
        ([*ASKED, "hydra/launcher=basic"], False),
        ([*ASKED, "hydra.sweep.dir=elsewhere"], False),
        (["--cfg", "job"], False),
        (["--info", "plugins"], False),
    ],
)
def test_a_command_that_needs_it(tmp_path, words, likely):
    assert ahead.is_likely(words, tmp_path / "runs") is likely


@pytest.mark.parametrize("words", [ASKED, []])
def test_a_study_that_was_asked_for_in_these_words_may_be_finished(tmp_path, words):
    study(tmp_path, words)
    assert not ahead.is_likely(words, tmp_path / "runs")
    assert ahead.is_likely([*words, "seed=1"], tmp_path / "runs")


def test_a_study_json_that_cannot_be_read_is_none(tmp_path):
    file = study(tmp_path, ASKED)
    for text in ("", "{", '{"command": ', '{"command": [1'):
        file.write_text(text)
        assert ahead.command_of(file) is None
    file.unlink()
    file.mkdir()
    assert ahead.is_likely(ASKED, tmp_path / "runs")


WARM = """
import os, sys
from multiprocessing import forkserver
from ablate.study.launch import pool
pool.warm(["takes_long"])
print(forkserver._forkserver._forkserver_pid, flush=True)
{end}
"""


def is_there(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and " Z " not in stat.read_text()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize("end", ["os._exit(2)", "os.kill(os.getpid(), 9)"])
def test_the_server_ends_with_its_command_while_it_makes_its_imports(tmp_path, end):
    (tmp_path / "takes_long.py").write_text("import time\ntime.sleep(60)\n")
    program, env = WARM.format(end=end), os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{HOME}"}
    # It holds our ends of the pipes too: were it still there, this would wait for it and fail.
    said = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, timeout=20, check=False)
    pid, began = int(said.stdout), time.monotonic()
    while is_there(pid) and time.monotonic() < began + 5:
        time.sleep(0.05)
    assert not is_there(pid)


@pytest.mark.slow
def test_its_forks_look_for_garbage_and_not_among_what_it_has_imported(tmp_path):
    (tmp_path / "program.py").write_text("""
import gc, hydra, signal
@hydra.main(version_base="1.3", config_path=None)
def main(cfg):
    assert gc.isenabled() and gc.get_freeze_count() > 10_000
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    return float(cfg.x)
if __name__ == "__main__":
    main()
""")
    words = ["-m", "+x=1,2", "hydra/sweeper=ablate", "hydra.sweeper.seed=null", "hydra.sweeper.direction=maximize"]
    env = os.environ | {"PYTHONPATH": str(HOME)}
    said = subprocess.run(
        [sys.executable, "program.py", *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
