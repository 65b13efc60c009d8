"""A user whom no passwd file knows, without a home, who may read everything and write next to nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

READER = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # Python may lie in root's home
AS_STRANGER = ["setpriv", "--reuid", "12345", "--clear-groups", *READER]
HOMES = ("HOME", "USER", "LOGNAME", "XDG_DATA_HOME", "ABLATE_DATA", "MPLCONFIGDIR")


def run_as_stranger(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python WORDS` in a folder. Root, who may write everywhere, becomes another user for it."""
    is_root = os.geteuid() == 0
    if is_root and shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to be another user")
    # A stranger cannot write the file in which `make cover` counts, and would say so.
    kept = {k: v for k, v in os.environ.items() if k not in HOMES and not k.startswith("COVERAGE_")}
    env = kept | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    command = [*(AS_STRANGER if is_root else []), sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def open_to_all(folder: Path) -> Path:
    """Lets others see a folder of pytest, which are private."""
    for one in (folder, *folder.parents[:2]):
        one.chmod(0o755)
    return folder
