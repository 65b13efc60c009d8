"""A worker imports neither wandb nor timm if its run needs neither (timm itself imports wandb)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import TINY

HOME = Path(__file__).parents[2]
PART = """
import sys
from pathlib import Path
from ablate.axes.color import Gray

class Looks(Gray):
    def __call__(self, x):
        names = [name for name in ("wandb", "timm", "torch", "matplotlib", "pandas") if name in sys.modules]
        Path("imported").write_text(" ".join(names))
        return super().__call__(x)
"""


@pytest.mark.slow
def test_a_worker_imports_neither_wandb_nor_timm_for_a_run_without_them(tmp_path):
    (tmp_path / "mine" / "color").mkdir(parents=True)
    (tmp_path / "mine" / "color" / "looks.yaml").write_text("_target_: looks.Looks\n")
    (tmp_path / "looks.py").write_text(PART)
    command = [sys.executable, "-m", "ablate.train", "--config-dir=mine", "color=looks", "tracker=none", *TINY]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(HOME), str(tmp_path)])}
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "imported").read_text() == "torch"
