"""No module and no class is too long to be read at one sitting."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import ablate

ROOTS = (
    Path(ablate.__file__).parent,
    Path(import_module("hydra_plugins.ablate_launcher").__file__ or "").parent.parent,
)
FILES = [file for root in ROOTS for file in sorted(root.rglob("*.py"))]
MOST = 200  # lines of a module
OF_A_CLASS = {"ablate/study/study.py": "Study", "ablate/study/stages.py": "Command"}  # at most 100 lines each


def test_every_module_is_short():
    assert len(FILES) > 150
    long = {str(file): n for file in FILES if (n := len(file.read_text(encoding="utf-8").splitlines())) > MOST}
    assert not long


@pytest.mark.parametrize(("path", "name"), OF_A_CLASS.items())
def test_what_directs_a_study_is_short(path, name):
    tree = ast.parse((ROOTS[0].parent / path).read_text(encoding="utf-8"))
    [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    assert found.end_lineno - found.lineno + 1 <= 100
