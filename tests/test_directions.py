"""Who may import whom: the house of the design, read from the imports."""

import ast
from pathlib import Path

import pytest

import ablate

ROOT = Path(ablate.__file__).parent
MODULES = {f.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", "."): f for f in ROOT.rglob("*.py")}

# A module (or a package, with all in it) -> the rooms of ablate that it may import, itself not counted.
MAY = {
    "ablate.vit": {"ablate.axes"},  # what all parts share stands in axes/__init__.py
    "ablate.fit": set(),
    "ablate.inputs": set(),
    "ablate.weights": set(),
    "ablate.device": set(),
    "ablate.schema": set(),
    "ablate.axes": set(),
    "ablate.data": set(),
    "ablate.provenance": {"ablate"},
    "ablate.atomic": set(),
    "ablate.short": set(),
    "ablate.record": {"ablate.atomic", "ablate.provenance"},
    "ablate.attempt": {"ablate.atomic", "ablate.record"},
    "ablate.report": {"ablate.atomic", "ablate.record", "ablate.schema", "ablate.short", "ablate.provenance"},
    "ablate.tracking": {"ablate.record", "ablate.short"},
    "ablate.cost": {"ablate.costing"},
    "ablate.costing": {
        *(
            "ablate.atomic",
            "ablate.auditing",
            "ablate.build",
            "ablate.cli",
            "ablate.cost",
            "ablate.data",
            "ablate.device",
            "ablate.fit",
        ),
        *("ablate.plan", "ablate.provenance", "ablate.record", "ablate.report", "ablate.short"),
    },
    "ablate.auditing": {
        *("ablate.build", "ablate.check", "ablate.data", "ablate.device", "ablate.inputs", "ablate.plan"),
        "ablate.record",
    },
}


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    """Modules that a file imports; with top_only those that importing it loads at once."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(names: set[str]) -> set[str]:
    """Modules of ablate among the names, the package's own name where nothing deeper is meant."""
    return {n for n in names if n in MODULES or f"{n}.__init__" in MODULES}


def test_the_imports_are_really_read():
    assert len(MODULES) > 25
    assert "ablate.fit" in rooms(imports(MODULES["ablate.train"]))


@pytest.mark.parametrize("room", MAY)
def test_a_room_imports_only_what_it_may(room):
    members = [path for name, path in MODULES.items() if name == room or name.startswith(room + ".")]
    assert members
    for path in members:
        used = {n for n in rooms(imports(path)) if n != "ablate" and not n.startswith(room)}
        strangers = {n for n in used if not any(n == a or n.startswith(a + ".") for a in MAY[room])}
        assert not strangers, f"{path.name} imports {strangers}"


def test_nobody_imports_an_axis_by_name():
    """They arrive by `_target_`, so a broken new choice cannot break another."""
    for name, path in MODULES.items():
        if not name.startswith("ablate.axes"):
            used = {n for n in rooms(imports(path)) if n.startswith("ablate.axes.")}
            assert not used, f"{name} imports {used}"


LIGHT = [
    "ablate.train",
    "ablate.cli",
    "ablate.schema",
    "ablate.plan",
    "ablate.study",
    "ablate.record",
    "ablate.check",
    "ablate.audit",
]


@pytest.mark.parametrize("name", LIGHT)
def test_heavy_libraries_are_imported_where_they_are_used(name):
    heavy = {"torch", "wandb", "timm", "matplotlib", "pandas", "scipy"}
    assert not {n.split(".")[0] for n in imports(MODULES[name], top_only=True)} & heavy
