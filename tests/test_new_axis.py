"""scripts/new_axis.py in a copy of the checkout: what it writes works, and wrong input writes nothing."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CARRIED = ("ablate", "conf", "hydra_plugins", "scripts", "tests", "README.md", "pyproject.toml")
sys.path.append(str(ROOT / "scripts"))
new_axis = importlib.import_module("new_axis")

GROUP = ("stochastic_depth", "none", "drop", "--acts-on", "block")
NUMBER = ("model.scale", "--number", "1.0", "0.1", "--acts-on", "sequence")
CHOICE = ("pos", "--choice", "fourier", "--like", "none")


def copied(to: Path) -> Path:
    for name in CARRIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)
    return to


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copied(tmp_path)


def files(root: Path) -> dict[str, bytes]:
    found = (f for f in root.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    return {str(f.relative_to(root)): f.read_bytes() for f in found}


def changes(root: Path, *words: str) -> set[str]:
    before = files(root)
    assert new_axis.main(words, root) == 0
    after = files(root)
    assert set(before) <= set(after)
    return {name for name in after if before.get(name) != after[name]}


def run(root: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], cwd=root, capture_output=True, text=True, env=environment)


def test_a_group_touches_what_it_says_and_nothing_else(checkout, capsys):
    assert changes(checkout, *GROUP) == {
        "README.md",
        "ablate/axes/stochastic_depth.py",
        "conf/config.yaml",
        "conf/model/vit.yaml",
        "conf/stochastic_depth/drop.yaml",
        "conf/stochastic_depth/none.yaml",
        "tests/axes/test_stochastic_depth.py",
    }
    assert "python -m ablate.train -m stochastic_depth=none,drop data=synthetic" in capsys.readouterr().out
    readme = (checkout / "README.md").read_text(encoding="utf-8").splitlines()
    place = readme.index("| `stochastic_depth` | none, drop |")
    assert readme[place - 1].startswith("| `data` | mnist, ")
    assert readme[place + 1] == ""
    assert "    stochastic_depth: ${stochastic_depth}\n" in (checkout / "conf/model/vit.yaml").read_text()


def test_a_number_and_a_choice_touch_what_they_say(checkout):
    assert changes(checkout, *NUMBER) == {
        "README.md",
        "ablate/axes/scale.py",
        "conf/model/vit.yaml",
        "tests/axes/test_scale.py",
    }
    assert changes(checkout, *CHOICE) == {
        "README.md",
        "ablate/axes/pos.py",
        "conf/pos/fourier.yaml",
        "tests/axes/test_pos_fourier.py",
    }
    assert "rope, relative, fourier |" in (checkout / "README.md").read_text()
    assert changes(checkout, "mlp", "--choice", "relu") >= {"README.md"}
    assert "| layernorm, rmsnorm; gelu, swiglu, relu |" in (checkout / "README.md").read_text()


@pytest.mark.slow
def test_a_stub_fails_its_test_until_it_does_something_and_is_else_sound(checkout):
    for words in (GROUP, NUMBER, CHOICE):
        assert new_axis.main(words, checkout) == 0
    scale = checkout / "ablate/axes/scale.py"
    scale.write_text(scale.read_text().replace("return x  # TODO", "return x * self.scale  # TODO"))
    tests = ("tests/axes/test_stochastic_depth.py", "tests/axes/test_scale.py", "tests/axes/test_pos_fourier.py")
    contract = ("tests/test_choices.py", "-k", "stochastic_depth or fourier or does_something or module")
    said = run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *contract)
    assert said.returncode == 1
    assert "2 failed" in said.stdout, said.stdout
    assert "stochastic_depth=drop does what none does: a stub?" in said.stdout
    assert "pos=fourier does what none does: a stub?" in said.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pos", "none", "mine", "--acts-on", "block"), "pos exists already (conf/pos); pos --choice NAME adds"),
        (
            ("seed", "none", "mine", "--acts-on", "block"),
            "seed exists already (a key of the config); another name",
        ),
        (("Bad-name", "none", "mine", "--acts-on", "block"), "axis Bad-name: no name; lower-case letters"),
        (("append", "none", "mine", "--acts-on", "block"), "append: torch's modules have something of that name"),
        (("depthwise", "none", "on", "--acts-on", "block"), "choice on: YAML reads it as true, false or null"),
        (("depthwise", "none", "--acts-on", "block"), "an axis needs two choices or more"),
        (("depthwise", "none", "a", "a", "--acts-on", "block"), "none a a: two things would be the class A"),
        (("depthwise", "none", "mine"), "a new axis needs --acts-on; block or sequence does"),
        (("depthwise", "none", "a", "--acts-on", "head"), "--acts-on head: no such hook; block or sequence does"),
        (("scale", "--number", "1", "--acts-on", "block"), "a number stands below model; model.scale does"),
        (("model.dim", "--number", "1", "--acts-on", "block"), "dim exists already"),
        (("model.scale", "--number", "x", "--acts-on", "block"), "--number x: no number; 4 or 0.1 does"),
        (("pos", "--choice", "rope"), "pos=rope exists already; another name than learned, none"),
        (("poss", "--choice", "x"), "poss: no axis with classes in ablate/axes/. Did you mean pos?"),
        (("data", "--choice", "x"), "data: no axis with classes in ablate/axes/."),
        (("pos", "--choice", "x", "--like", "lerned"), "--like lerned: no choice of pos. Did you mean learned?"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(words, says, tmp_path, capsys):
    for name in ("conf", "README.md", "ablate/axes"):
        place = tmp_path / name
        shutil.copytree(ROOT / name, place) if (ROOT / name).is_dir() else shutil.copy(ROOT / name, place)
    before = files(tmp_path)
    assert new_axis.main(words, tmp_path) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert files(tmp_path) == before


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(checkout, monkeypatch, capsys):
    before, real = files(checkout), Path.write_text

    def full(self, text, *rest, **named):
        if self.name == "README.md":
            raise OSError(28, "No space left on device")
        return real(self, text, *rest, **named)

    monkeypatch.setattr(Path, "write_text", full)
    assert new_axis.main(GROUP, checkout) == 2
    assert files(checkout) == before
    assert not (checkout / "conf/stochastic_depth").exists()
    assert "No space left" in capsys.readouterr().err
