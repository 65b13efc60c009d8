"""What made a result: versions of the software, and the commit of the checkout."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ablate import __version__
from ablate.records import sources
from ablate.records.run_record import RunRecord

HERE = Path(__file__).resolve().parents[2]


@lru_cache
def versions() -> dict[str, str | None]:
    """Versions of the software that results depend on; `device` and `precision` are filled in by the run."""
    return {
        "python": platform.python_version(),
        "torch": installed("torch"),
        "timm": installed("timm"),
        "ablate": __version__,
        "device": None,
        "precision": None,
    }


def installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def code(parts: Iterable[str] = ()) -> dict[str, Any]:
    """The code that makes a result: our checkout, a digest of ours, and one of each module of `parts` not ours.

    `parts` are dotted paths of classes and functions.
    """
    return checkout() | {"digest": digest(), "own": sources.digests(parts)}


def of_program(module: str | None, parts: Iterable[str]) -> dict[str, Any]:
    """The same of somebody else's program: its checkout, and digests of its module and of its own `parts`."""
    file = sources.file_of(module) if module else None
    root = next((folder for folder in file.parents if (folder / ".git").exists()), None) if file else None
    return checkout(root or Path(os.sep)) | {
        "program": module,
        "digest": sources.digest(module) if module else None,
        "own": sources.digests(part for part in parts if not sources.is_installed(part)),
    }


@lru_cache
def checkout(here: Path = HERE) -> dict[str, Any]:
    """Commit of a checkout, by default that which ablate runs from, and whether it has changes; else null."""
    try:
        if not (here / ".git").exists():
            raise OSError("not a checkout")
        return {
            "commit": git(here, "rev-parse", "HEAD"),
            "dirty": bool(git(here, "status", "--porcelain", "-uno")),
        }
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def git(folder: Path, *words: str) -> str:
    """What git says of the checkout in a folder, whatever checkout the environment names (as in git's hooks)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith("GIT_CONFIG_")}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=kept).stdout.strip()


# The code that results depend on; the rest plans, shows and reports.
TRAINS = ("train/*.py", "vit.py", "axes/*.py", "data/*.py")


@lru_cache
def digest() -> str:
    """Hash of the code that makes results, 12 hexadecimal digits."""
    here = Path(__file__).resolve().parents[1]
    files = sorted(file for pattern in TRAINS for file in here.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


OURS = ("ablate", "torch", "timm")


def changed(record: RunRecord) -> list[str]:
    """What would now be other code than made a run: `ablate`, `torch`, or a module of the user's own by its name.

    A field that is missing, as in older records, does not count as a change.
    """
    then, now, code = record.versions, versions(), record.code
    program = code.get("program")
    if program:
        names = [program] if code.get("digest") != sources.digest(program) else []
    else:
        names = [name for name in OURS if then.get(name) != now[name]]
        if "ablate" not in names and code.get("digest") != digest():
            names.insert(0, "ablate")
    own = code.get("own") or {}
    return names + [module for module, found in own.items() if found != sources.digest(module)]


def named(changes: Iterable[str]) -> str:
    """`the code (mine.parts)`: what has changed, in a message; modules of the user's own by their names."""
    own = [name for name in dict.fromkeys(changes) if name not in OURS]
    return f"the code ({', '.join(own)})" if own else "the code"
