"""Who may import whom: the house of the design, read from the imports of every module."""

import ast
import importlib
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ablate
from ablate.records import provenance

ROOT = Path(ablate.__file__).parent
HOME = ROOT.parent
MODULES = {f.relative_to(HOME).with_suffix("").as_posix().replace("/", "."): f for f in ROOT.rglob("*.py")}

# A wing -> the wings that it may import, itself not counted.
SERVES_ANY_TRAINING: dict[str, set[str]] = {
    "text": set(),
    "console": set(),
    "config": set(),
    "records": set(),
    "tracking": {"records", "text"},
    "report": {"config", "console", "records", "text"},
    "study": {"config", "console", "records", "report", "text"},
    "lightning": {"study"},
    "testing": {"records"},
}
VISION_TRANSFORMER: dict[str, set[str]] = {
    "axes": set(),
    "data": {"config", "records"},
    "vit": {"axes"},
    "train": {"config", "console", "data", "records", "study", "text"},
    "audit": {"config", "console", "data", "records", "study", "text", "train"},
    "inspect": {"config", "data", "records", "report", "text", "train"},
    "cost": {"config", "console", "data", "records", "report", "study", "text", "train"},
}
MAY = SERVES_ANY_TRAINING | VISION_TRANSFORMER


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    """Names that a file imports; with top_only those that importing it loads at once."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_of(name: str) -> str | None:
    """The module that an imported name stands in, as its dotted path; None for what is not ours."""
    while name:
        for module in (name, f"{name}.__init__"):
            if module in MODULES:
                return module
        name = name.rpartition(".")[0]
    return None


def used_by(module: str) -> set[str]:
    """Our modules that a module imports, at its top or later."""
    return {found for name in imports(MODULES[module]) if (found := module_of(name))} - {module}


def wing(module: str) -> str:
    """`study` for ablate.study.rounds; `ablate` for the package's own __init__."""
    parts = module.split(".")
    return "ablate" if parts[1] in ("__init__", "__main__") else parts[1]


def test_every_module_is_read_and_has_a_wing():
    assert len(MODULES) > 150
    assert used_by("ablate.train.build") >= {"ablate.train.fit", "ablate.train.count"}
    assert {wing(module) for module in MODULES} == {*MAY, "ablate"}


@pytest.mark.parametrize("name", MAY)
def test_a_wing_imports_only_what_it_may(name):
    for module in (m for m in MODULES if wing(m) == name):
        strangers = {other for other in used_by(module) if wing(other) not in (name, "ablate", *MAY[name])}
        assert not strangers, f"{module} imports {strangers}"


def test_the_wings_stand_on_few_floors():
    assert len(floors(MAY)) <= 5


def test_no_module_imports_itself_by_a_detour():
    order = TopologicalSorter({module: used_by(module) for module in MODULES})
    order.prepare()  # raises CycleError, which names the circle


def floors(below: dict[str, set[str]]) -> list[list[str]]:
    """Names by the height at which they stand: each above all that it uses."""
    order, found = TopologicalSorter(below), []
    order.prepare()
    while ready := order.get_ready():
        found.append(sorted(ready))
        order.done(*ready)
    return found


def test_nobody_imports_an_axis_by_name():
    """They arrive by `_target_`, so a broken new choice cannot break another."""
    for module in MODULES:
        if wing(module) not in ("axes", "vit"):
            assert not [m for m in used_by(module) if wing(m) == "axes"], module


def test_what_serves_any_training_loads_nothing_heavy():
    """Importing them all, in a fresh process, brings neither torch nor a wing of the transformer."""
    needs = ("ablate.study.launch.slurm", "ablate.lightning")  # packages that are not always there
    light = [m for m in MODULES if wing(m) in SERVES_ANY_TRAINING and m not in needs]
    light = [m.removesuffix(".__init__") for m in light if wing(m) != "report"]  # pandas is the report's own
    heavy = [
        "torch",
        "wandb",
        "timm",
        "matplotlib",
        "pandas",
        "scipy",
        *(f"ablate.{w}" for w in VISION_TRANSFORMER),
    ]
    code = f"import sys, importlib\nfor m in {light}: importlib.import_module(m)\n"
    code += f"print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOME, check=True)
    assert out.stdout == "[]\n"


def test_the_code_digest_covers_every_file_that_trains():
    """Patterns name the files: after a move a digest of nothing would call all code equal."""
    for pattern in provenance.TRAINS:
        assert list(ROOT.glob(pattern)), pattern


WINGS = sorted(name for name in MAY if (ROOT / name).is_dir())


@pytest.mark.parametrize("name", WINGS)
def test_a_wing_says_what_it_offers_and_others_use_no_more(name):
    """`__all__` of ablate/WING/__init__.py: its modules that others may import, and what it defines itself."""
    offers = importlib.import_module(f"ablate.{name}").__all__
    for word in offers:
        there = f"ablate.{name}.{word}" in MODULES or f"ablate.{name}.{word}.__init__" in MODULES
        assert there or hasattr(importlib.import_module(f"ablate.{name}"), word), f"{name} offers no {word}"
    for module in (m for m in MODULES if wing(m) not in (name, "ablate")):
        for other in used_by(module):
            if wing(other) == name and other != f"ablate.{name}.__init__":
                part = other.split(".")[2]
                assert part in offers, (
                    f"{module} imports {other}: add {part!r} to __all__ of ablate/{name}/__init__.py"
                )


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "py.typed").is_file()
