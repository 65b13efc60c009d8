"""Folders with config files: ours, and those that a command adds with --config-dir or hydra.searchpath."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ablate import CONF
from ablate.config.errors import UserError
from ablate.config.flags import Flag, apart
from ablate.config.grammar import parsed
from ablate.config.words import key_of, quoted

SEARCH = "hydra.searchpath"


def roots(flags: Iterable[Flag], words: Iterable[str]) -> list[Path]:
    """conf/ and every folder of the command, in the order in which they are looked through."""
    added = [Path(value) for name, value in flags if name == "--config-dir" and value]
    return [CONF, *added, *searched(words)]


def searched(words: Iterable[str]) -> list[Path]:
    """The folders of `hydra.searchpath=[...]`; packages (pkg://) are none."""
    found: list[Path] = []
    for word in words:
        override = parsed(word) if key_of(word) == SEARCH else None
        value = override.value() if override else None
        paths = value if isinstance(value, list) else []
        found += [Path(str(p).removeprefix("file://")) for p in paths if not str(p).startswith("pkg://")]
    return found


def all_count(flags: list[Flag], words: list[str]) -> tuple[list[Flag], list[str]]:
    """The same command where of several --config-dir, of which Hydra sees the last, every one counts."""
    dirs = [value for name, value in flags if name == "--config-dir" and value]
    if len(dirs) < 2:
        return flags, words
    first, *others = dirs
    kept = [*((name, value) for name, value in flags if name != "--config-dir"), ("--config-dir", first)]
    if lost := [folder for folder in others if not Path(folder).is_dir()]:
        raise UserError(f"--config-dir {lost[0]}: no such folder")
    theirs = [str(folder) for folder in searched(words)]
    paths = [quoted(f"file://{Path(folder).absolute()}") for folder in [*others, *theirs]]
    packages = [word for word in words if key_of(word) == SEARCH and "pkg://" in word]
    if packages:
        raise UserError(f"{packages[0]}: several --config-dir and this do not go together; name all folders in it")
    return kept, [*(word for word in words if key_of(word) != SEARCH), f"{SEARCH}=[{','.join(paths)}]"]


def clashes(places: list[Path]) -> list[str]:
    """A line for each file that Hydra would ignore, because another one has the same name."""
    seen: dict[Path, Path] = {}
    lines = []
    for root in dict.fromkeys(place.resolve() for place in places):
        for file in sorted(f for f in root.rglob("*.yaml") if f.is_file() and not f.name.startswith(".")):
            name = file.relative_to(root)
            first = seen.setdefault(name, file)
            if first.read_bytes() != file.read_bytes():
                whose = "one of ours" if first.is_relative_to(CONF.resolve()) else str(first)
                lines.append(f"{file}: has the name of {whose}, which Hydra would take; give it another name")
    return lines


def of_command(argv: Iterable[str]) -> list[Path]:
    """The folders of a command that was found sound."""
    try:
        return roots(*apart(argv))
    except UserError:
        return [CONF]


def choices_with(full: str, places: Iterable[Path]) -> list[str]:
    """The choices that have a key, such as [affine] for aug.degrees."""
    group, _, inside = full.partition(".")
    found: dict[str, None] = {}
    for file in (file for place in places for file in sorted((place / group).glob("*.yaml")) if file.is_file()):
        try:
            if has(yaml.safe_load(file.read_bytes()), inside):
                found[file.stem] = None
        except (OSError, yaml.YAMLError):
            continue  # an error once it is chosen
    return list(found)


def has(node: Any, key: str) -> bool:
    """Whether a dotted key is in a file's dicts."""
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True
