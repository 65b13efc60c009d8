"""What a worker has imported when it trains: neither wandb nor timm, unless its run needs them."""

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
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("tracker=none",), "torch"),
        (("tracker=none", "model=timm", "model.name=vit_tiny_patch16_224", "image.size=32"), "timm torch"),
    ],
)
def test_a_worker_imports_what_its_run_needs(tmp_path, words, expected):
    (tmp_path / "mine" / "color").mkdir(parents=True)
    (tmp_path / "mine" / "color" / "looks.yaml").write_text("_target_: looks.Looks\n")
    (tmp_path / "looks.py").write_text(PART)
    rest = TINY if len(words) == 1 else ("data=synthetic", "epochs=1", "data.train=8", "data.val=4", "data.test=4")
    command = [sys.executable, "-m", "ablate.train", "--config-dir=mine", "color=looks", *words, *rest]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(HOME), str(tmp_path)])}
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
    assert said.returncode == 0, said.stderr
    assert sorted((tmp_path / "imported").read_text().split()) == expected.split()
