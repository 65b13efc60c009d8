"""Hydra programs of other people, written into a folder: none of them knows of us."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import hangs

ROOT = Path(__file__).resolve().parents[2]
HANGS_S = 240
HIDDEN = "import os, sys\nsys.path[:] = [p for p in sys.path if p != os.environ.get('HIDDEN')]\n"

PLAIN = """
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(cfg):
    print("ran", cfg)

if __name__ == "__main__":
    main()
"""

# A training of a second or so that has no image, no class and no epoch, and its own idea of a folder.
QUADRATIC = """
import json, logging, random, time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig

@hydra.main(version_base="1.3", config_path="conf", config_name="quadratic")
def main(cfg):
    dice = random.Random(cfg.seed)
    here = Path(HydraConfig.get().runtime.output_dir)
    state = here / "checkpoint.pt"
    begin = json.loads(state.read_text()) if cfg.goes_on_from else 0
    for step in range(begin, cfg.steps):
        (here / "next.pt").write_text(str(step))
        (here / "next.pt").replace(state)
        time.sleep(cfg.pause_s)
    (here / ".notes").mkdir(exist_ok=True)
    (here / "history.csv").write_text("a;b\\nnot numbers\\n")
    with open("begun.txt", "a") as file:
        print(cfg.method.name, cfg.seed, begin, file=file)
    rmse = cfg.method.level + 0.01 * dice.random()
    (here / "metrics.json").write_text(json.dumps({"test": {"rmse": rmse}}))
    return {"rmse": rmse, "other": dice.random()}

if __name__ == "__main__":
    main()
"""
QUADRATIC_CONF = {
    "quadratic.yaml": """
        defaults: [_self_, method: slow]
        seed: 7
        steps: 2
        pause_s: 0.0
        goes_on_from: null
        out: ${hydra:runtime.output_dir}/plots
        when: ${now:%H:%M:%S}
        """,
    "method/slow.yaml": "name: slow\nlevel: 0.5\n",
    "method/fast.yaml": "name: fast\nlevel: 0.3\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    return folder


def quadratic(folder: Path) -> Path:
    return write(folder, {"quadratic.py": QUADRATIC} | {f"conf/{k}": v for k, v in QUADRATIC_CONF.items()})


def command(*words: str) -> list[str]:
    return [sys.executable, *words]


def environ(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("HYDRA_FULL_ERROR", "PYTHONPATH")}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]  # with another version of Hydra perhaps
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "COLUMNS": "80"} | more


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`python WORDS` in a folder, as a user types it. One that hangs fails with what all of its processes do."""
    env = environ(PYTHONFAULTHANDLER="1", **more)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command(*words), cwd=folder, env=env, **pipes) as program:  # type: ignore[call-overload]
        try:
            said, wrong = program.communicate(timeout=HANGS_S)
        except subprocess.TimeoutExpired:
            hangs.kill([program.pid, *hangs.below(program.pid)])
            raise AssertionError("\n".join(program.communicate())) from None
    return subprocess.CompletedProcess(program.args, program.returncode, said, wrong)
