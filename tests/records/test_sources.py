"""Digests of code that is the user's own: what counts, and what does not."""

import sys
from pathlib import Path

import pytest

from ablate.records import sources


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder on the path, with a package and modules beside it."""
    (tmp_path / "mine" / "parts").mkdir(parents=True)
    for name, text in {
        "mine/__init__.py": "",
        "mine/parts/__init__.py": "from .spiral import Spiral\n",
        "mine/parts/spiral.py": "from ..common import TURN\nfrom . import angles\n\nSpiral = TURN\n",
        "mine/parts/angles.py": "import math\n",
        "mine/parts/other.py": "OTHER = 1\n",
        "mine/common.py": "TURN = 0.3\n",
        "alone.py": "def late():\n    import beside\n    return beside.X\n",
        "beside.py": "X = 1\n",
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def fresh(path: str) -> dict[str, str]:
    """What another process would find."""
    sources.digest.cache_clear()
    return sources.digests([path])


@pytest.mark.parametrize(
    ("path", "file", "counts"),
    [
        ("mine.parts.spiral.Spiral", "mine/parts/spiral.py", True),
        ("mine.parts.spiral.Spiral", "mine/parts/angles.py", True),
        ("mine.parts.spiral.Spiral", "mine/common.py", True),
        ("mine.parts.spiral.Spiral", "mine/__init__.py", True),
        ("mine.parts.spiral.Spiral", "mine/parts/other.py", False),
        ("mine.parts.Spiral", "mine/common.py", True),
        ("mine.parts.spiral.Spiral.wide", "mine/parts/angles.py", True),
        ("alone.late", "beside.py", True),
        ("alone.late", "mine/common.py", False),
    ],
)
def test_a_digest_covers_what_a_module_imports_of_the_users_own(home, path, file, counts):
    before = fresh(path)
    assert list(before) == ["mine.parts.spiral" if "spiral" in path else path.rpartition(".")[0]]
    assert fresh(path) == before
    with open(home / file, "a") as text:
        text.write("# changed\n")
    assert (fresh(path) != before) is counts


def test_nothing_is_imported_to_be_read(home):
    (home / "mine" / "__init__.py").write_text("raise RuntimeError\n")
    assert list(fresh("mine.parts.spiral.Spiral")) == ["mine.parts.spiral"]
    assert "mine" not in sys.modules


def test_what_versions_speak_for_and_what_is_not_there_has_no_digest():
    paths = ["ablate.axes.pos.Learned", "torch.nn.Linear", "timm.create_model", "functools.partial", "len"]
    assert (
        sources.digests([*paths, "no.such.Thing", "hydra.utils.get_method", "__main__.Spiral", "", "./data"]) == {}
    )


def test_an_installed_package_has_a_digest_of_its_own_folder():
    """Its version is in no record."""
    found = sources.digests(["filelock.FileLock", "rich.text.Text"])
    assert list(found) == ["filelock", "rich.text"]


def test_a_module_that_cannot_be_parsed_counts_by_its_bytes(home):
    before = fresh("alone.late")
    (home / "alone.py").write_text("def (\n")
    broken = fresh("alone.late")
    (home / "alone.py").write_text("def ((\n")
    assert len({*before.values(), *broken.values(), *fresh("alone.late").values()}) == 3


def test_two_modules_that_import_each_other_are_read_once(home):
    (home / "beside.py").write_text("import alone\n")
    assert list(fresh("beside.X")) == ["beside"]


def test_targets_are_found_wherever_they_stand():
    config = {
        "pos": {"_target_": "a.Pos", "inner": [{"_target_": "b.Part"}], "path": "c.not_fetched"},
        "aug": {"_target_": "hydra.utils.get_method", "path": "d.shift"},
        "tracker": {"_target_": "e.Tracker"},
        "model": {"net": {"_target_": "a.Pos"}},
    }
    assert sources.targets(config) == ["a.Pos", "b.Part", "hydra.utils.get_method", "d.shift"]


def test_one_process_goes_on_with_what_it_has_loaded(home):
    before = fresh("alone.late")
    Path(home / "alone.py").write_text("")
    assert sources.digests(["alone.late"]) == before
