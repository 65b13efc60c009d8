"""The user's own code that makes results: a digest of each module, read from its files and never by importing it.

A digest covers the module's file, the packages that it stands in, and what it imports of code that is not
installed: such code may change at any time, and no version says so. Of an installed package it covers what the
module imports from its own folder.
"""

import ast
import hashlib
import sysconfig
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

from ablate.records.run_record import Config

# Our own code and what the versions in a record speak for; Hydra only calls what the config names, and
# __main__ is another module in each process.
KNOWN_OTHERWISE = ("ablate", "torch", "timm", "hydra", "builtins", "__main__")
STANDARD = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}

PACKAGES = {"site-packages", "dist-packages"}


def targets(config: Config) -> list[str]:
    """Dotted paths of all that a run's config has called, less its tracker, which makes no result."""
    return list(dict.fromkeys(_targets({k: v for k, v in config.items() if k != "tracker"})))


def _targets(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        target = node.get("_target_")
        fetched = str(target).startswith("hydra.")  # get_method and its like: `path` says what
        yield from (t for t in (target, node.get("path") if fetched else None) if isinstance(t, str))
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _targets(child)


def digests(paths: Iterable[str]) -> dict[str, str]:
    """Dotted paths of classes and functions -> the digest of each module that no version speaks for."""
    modules = (module_of(path) for path in paths if path.split(".")[0] not in KNOWN_OTHERWISE)
    return {module: found for module in sorted({m for m in modules if m}) if (found := digest(module))}


def module_of(path: str) -> str | None:
    """`mine.parts` of `mine.parts.Spiral.wide`; None where there is no such module."""
    module = path
    while module and not spec_of(module):
        module = module.rpartition(".")[0]
    return module or None


@lru_cache
def digest(module: str) -> str | None:
    """Hash of the source of a module, 12 hexadecimal digits; None where it has none.

    Asked again it answers the same in one process, which goes on with the code that it has loaded.
    """
    first = file_of(module)
    if first is None or standard(first):
        return None
    found: dict[str, Path] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        file = file_of(name)
        if file is None or name in found or not belongs(file, first):
            continue
        found[name] = file
        todo += [*parents(name), *imports(name, file)]
    content = hashlib.sha256()
    for name in sorted(found):
        content.update(f"{name}\0".encode() + hashlib.sha256(found[name].read_bytes()).digest())
    return content.hexdigest()[:12]


def is_installed(path: str) -> bool:
    """Whether a dotted path leads into an installed package, for which its version speaks."""
    module = module_of(path)
    file = file_of(module) if module else None
    return file is not None and installed(file)


def belongs(file: Path, first: Path) -> bool:
    """Whether a file that the file `first` imports may change without a version that says so."""
    return first.parent in file.parents if installed(first) else not installed(file)


def installed(file: Path) -> bool:
    return standard(file) or not PACKAGES.isdisjoint(file.parts)


def standard(file: Path) -> bool:
    """Whether a file is part of Python itself."""
    return PACKAGES.isdisjoint(file.parts) and not STANDARD.isdisjoint(file.parents)


def imports(module: str, file: Path) -> list[str]:
    """Names that a file imports, anywhere in it: modules and what may be one."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # compiled, or broken: its bytes speak for it
        return []
    package = module if file.stem == "__init__" else module.rpartition(".")[0]
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)]
        else:
            continue
        found += [part for name in names if name for part in (name, *parents(name))]
    return [name for name in dict.fromkeys(found) if name.split(".")[0] not in KNOWN_OTHERWISE]


def parents(module: str) -> list[str]:
    """`a.b` and `a` of `a.b.c`: Python runs these packages first."""
    parts = module.split(".")[:-1]
    return [".".join(parts[:n]) for n in range(len(parts), 0, -1)]


def file_of(module: str) -> Path | None:
    spec = spec_of(module)
    file = Path(spec.origin) if spec and spec.has_location and spec.origin else None
    return file if file and file.is_file() else None


def spec_of(module: str) -> ModuleSpec | None:
    """Where a module is, found without importing the packages above it."""
    above = module.rpartition(".")[0]
    try:
        if not above:
            return find_spec(module)
        outer = spec_of(above)
        places = outer.submodule_search_locations if outer else None
        return PathFinder.find_spec(module, list(places)) if places else None
    except (ImportError, ValueError, AttributeError):  # __main__, and modules that someone made by hand
        return None
