"""Which of other packages' private names we use: each is listed, exists, and no other is used."""

import ast
import importlib
import inspect
from pathlib import Path

import hydra
import pytest

import ablate
from ablate.config import hydra_versions

ROOT = Path(ablate.__file__).parent.parent
SOURCES = sorted(f for folder in ("ablate", "hydra_plugins", "scripts") for f in (ROOT / folder).rglob("*.py"))
DOCUMENTED = {"_exit", "_fields", "_asdict", "_replace"}  # of os and of named tuples, and meant for everybody
OLD = tuple(int(part) for part in hydra.__version__.split(".")[:3] if part.isdigit()) < (1, 3, 7)
pytestmark = pytest.mark.hydra


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def reached(path: Path) -> tuple[set[str], set[str]]:
    """Private names that a file reaches for in something else, and those that it defines itself."""
    reached: set[str] = set()
    defined: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and private(node.attr):
            (defined if isinstance(node.ctx, ast.Store) and on_self(node) else reached).add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and private(node.name):
            defined.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("ablate"):
            reached |= set(filter(private, [*node.module.split("."), *(alias.name for alias in node.names)]))
        elif isinstance(node, ast.Import):
            reached |= {part for alias in node.names for part in alias.name.split(".") if private(part)}
        elif isinstance(node, ast.Constant) and node.value == "__wrapped__":
            reached.add("__wrapped__")
    return reached, defined


def on_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def test_no_private_name_of_others_is_used_but_those_listed():
    assert len(SOURCES) > 170
    listed = {name.replace(":", ".").rpartition(".")[2] for name in hydra_versions.PRIVATE}
    used: set[str] = set()
    for path in SOURCES:
        found, own = reached(path)
        strange = found - own - listed
        assert not strange, f"{path} uses {strange}: list it in ablate/config/hydra_versions.py, with the reason"
        used |= found | own  # _make_command is defined here, to replace theirs
    assert listed <= used, "a name that is listed and no longer used"


def test_the_search_for_private_names_finds_them(tmp_path):
    file = tmp_path / "bad.py"
    file.write_text("from hydra._internal.utils import run\nx = override._value\nself._own = self._own\n")
    assert reached(file) == ({"_internal", "_value", "_own"}, {"_own"})


@pytest.mark.filterwarnings("ignore:Pydantic V1 style")  # wandb_workspaces
@pytest.mark.parametrize("name", hydra_versions.PRIVATE)
def test_a_private_name_still_exists(name):
    module, _, member = name.partition(":")
    pytest.importorskip(module.partition(".")[0])
    cls, _, attribute = member.rpartition(".")
    if cls:
        assert attribute in inspect.getsource(getattr(importlib.import_module(module), cls))
    else:
        importlib.import_module(f"{module}.{attribute}")
    assert len(hydra_versions.PRIVATE[name]) > 20, "the reason"


def test_the_version_of_hydra_is_known():
    assert hydra.__version__.startswith(".".join(map(str, hydra_versions.MINOR)))


@pytest.mark.skipif(OLD, reason="this Hydra has no list of targets that a config may not name")
def test_a_config_cannot_name_what_runs_commands(train, tmp_path):
    said = train("aug._target_=os.system", "+aug.command='touch here'")
    assert said.code == 2, said.err
    assert len(said.err.splitlines()) <= 5, said.err
    assert "os.system" in said.err
    assert not (tmp_path / "here").exists()
