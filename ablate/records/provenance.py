"""What made a result: versions of the software, and the commit of the checkout."""

import hashlib
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
    """Commit of the checkout that ablate runs from, whether it has changes (null outside of one), and a digest."""
    here = Path(__file__).resolve().parents[2]
    try:
        if not (here / ".git").exists():
            raise OSError("not a checkout")
        git = ["git", "-C", str(here)]
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, encoding="utf-8", check=True)
        dirty = subprocess.run(
            [*git, "status", "--porcelain", "-uno"], capture_output=True, encoding="utf-8", check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None, "digest": digest()}
    return {"commit": commit.stdout.strip(), "dirty": bool(dirty.stdout.strip()), "digest": digest()}


# What a result hangs on; the rest of the code plans, shows and reports.
TRAINS = ("train/*.py", "vit.py", "axes/*.py", "data/*.py")


def digest() -> str:
    """Hash of the code that makes results, 12 hexadecimal digits."""
    here = Path(__file__).resolve().parents[1]
    files = sorted(file for pattern in TRAINS for file in here.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def differs(record: dict[str, Any]) -> bool:
    """Whether a run was made by another version of the code, of torch or of timm than this process has."""
    now = versions()
    same = all(record["versions"].get(name) == now[name] for name in ("ablate", "torch", "timm"))
    return not same or record["code"].get("digest") != code()["digest"]
