"""`--help`, as Hydra would print it, and sooner: Hydra composes a config and reads each folder anew."""

import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ablate import CONF
from ablate.config.flags import Flag
from ablate.config.words import key_of

HYDRAS = ("hydra.help", "hydra.searchpath")  # with words for these, Hydra itself is to say what there is


def asked(flags: Iterable[Flag], words: Iterable[str]) -> list[Path] | None:
    """The folders whose choices are to be shown; None where help is not asked for, or is Hydra's to print."""
    names = {name for name, _ in flags}
    if "--help" not in names or names - {"--help", "--config-dir", "--multirun"}:
        return None
    if any(key_of(word).startswith(HYDRAS) for word in words):
        return None
    return [CONF, *(Path(value) for name, value in flags if name == "--config-dir" and value)]


def text(places: list[Path]) -> str:
    """The template of conf/config.yaml with the choices in these folders."""
    said = yaml.safe_load((CONF / "config.yaml").read_bytes())["hydra"]["help"]
    header = filled(said["header"], {"hydra.help.app_name": said["app_name"]})
    template = filled(said["template"], {"hydra.help.header": header})
    return string.Template(template).substitute(APP_CONFIG_GROUPS=groups(places))


def filled(text: str, values: dict[str, Any]) -> str:
    for key, value in values.items():
        text = text.replace(f"${{{key}}}", value)
    return text


def groups(places: list[Path]) -> str:
    """A line for each config group: `pos: learned, none, sinusoidal`."""
    found: dict[str, set[str]] = {}
    for place in places:
        for file in place.rglob("*.yaml"):
            group = file.parent.relative_to(place).as_posix()
            if file.is_file() and not file.name.startswith(".") and group != "." and not group.startswith("hydra"):
                found.setdefault(group, set()).add(file.stem)
    return "".join(f"{group}: {', '.join(sorted(found[group]))}\n" for group in sorted(found))
