"""docs/reading-the-dashboard.md: its commands are understood, its words are those that the report says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from ablate.report.__main__ import parse
from ablate.report.words.sentences import LABELS
from ablate.study.design.cells import KINDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/reading-the-dashboard.md").read_text()
LINES = [
    line.split("  #")[0] for block in re.findall(r"```bash\n(.*?)```", TEXT, re.S) for line in block.splitlines()
]


def test_its_commands_are_understood():
    reports = [shlex.split(line)[3:] for line in LINES if line.startswith("python -m ablate.report")]
    assert len(reports) == 8
    for words in reports:
        folders, keys, effect = parse(words)
        assert folders or keys or effect or not words
    script = ["python", "scripts/wandb_dashboard.py", "--help"]
    said = subprocess.run(
        [sys.executable, *script[1:]],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    used = {word for line in LINES if "wandb_dashboard" in line for word in shlex.split(line) if word[:2] == "--"}
    assert used == {"--json"}
    assert "--json" in said.stdout


def test_its_words_are_those_of_the_report():
    assert {word for word in LABELS.values() if word} == {
        word for word in re.findall(r"^\| ([a-z ]+) \|", TEXT, re.M) if word in LABELS.values()
    }
    for kind in KINDS:
        assert f"| `{kind}` |" in TEXT
    sweep = yaml.safe_load((ROOT / "conf/config.yaml").read_text())["sweep"]
    assert {"design", "zip", "tune", "budget"} <= set(sweep)
    assert set(re.findall(r"`sweep\.(\w+)=", TEXT)) <= set(sweep)


def test_its_extra_is_there():
    assert re.search(r"^dashboard = \[", (ROOT / "pyproject.toml").read_text(), re.M)
