"""The documents are followed exactly: their files are written, their commands run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


OWN, INSIDE = re.split(r"(?=^## Inside the repository)", (ROOT / "docs/adding-an-axis.md").read_text(), flags=re.M)


@pytest.mark.slow
def test_adding_an_axis(tmp_path):
    commands = []
    for language, text in FENCE.findall(OWN):
        if language == "bash":
            commands += text.strip().splitlines()
            continue
        file = tmp_path / text.split("\n", 1)[0].removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert len(commands) == 3
    for command in commands:
        given = f"{command} tracker=none model.dim=8 model.depth=1 model.heads=2"
        given = given.replace("PYTHONPATH=mine python", f"PYTHONPATH=mine:{ROOT} {shlex.quote(sys.executable)}")
        done = subprocess.run(given, shell=True, cwd=tmp_path, capture_output=True, text=True, env={**os.environ})
        assert done.returncode == 0, done.stdout + done.stderr
    found = {f.parent.name for f in tmp_path.glob("runs/*/study.json")}
    assert found == {"pos", "pos.turn", "act"}
    assert len(list(tmp_path.glob("runs/*/*/record.json"))) == 2 + 3 + 2


@pytest.mark.slow
def test_an_axis_inside_the_repository(tmp_path):
    """In a copy of it, from the command to the finished study."""
    for name in ("ablate", "conf", "hydra_plugins", "scripts", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    ran = []
    for language, text in FENCE.findall(INSIDE):
        if language != "bash":
            file = tmp_path / text.split("\n", 1)[0].removeprefix("# ")
            assert file.is_file(), "new_axis.py has written it"
            file.write_text(text)
            continue
        for command in text.strip().splitlines():
            words = [sys.executable, *shlex.split(command)[1:]]
            if "ablate.train" in words:
                words += ["tracker=none", "epochs=1", "model.dim=8", "model.heads=2"]
            environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=environment)
            assert done.returncode == 0, done.stdout + done.stderr
            ran.append(command)
    assert len(ran) == 5
    assert len(list(tmp_path.glob("runs/stochastic_depth/*/record.json"))) == 2


@pytest.mark.slow
def test_a_wheel_runs_from_any_folder_and_carries_conf(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)
    assert (site / "ablate" / "conf" / "patch" / "4.yaml").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "ablate.train", "--cfg", "job", "patch=7"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert done.returncode == 0, done.stderr
    assert "size: 7" in done.stdout
