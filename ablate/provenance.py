"""What made a result: versions of the software, and the commit of the checkout."""

import platform
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ablate import __version__


@lru_cache
def versions() -> dict[str, str | None]:
    """Versions of what shapes a result; `device` and `precision` are known once the run has begun."""
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


@lru_cache
def code() -> dict[str, Any]:
    """Commit of the checkout that ablate runs from, and whether it has changes; null outside of one."""
    here = Path(__file__).resolve().parent.parent
    try:
        if not (here / ".git").exists():
            raise OSError("not a checkout")
        git = ["git", "-C", str(here)]
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}
    return {"commit": commit.stdout.strip(), "dirty": bool(dirty.stdout.strip())}
