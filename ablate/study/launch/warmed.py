"""What the server of processes has ready before it forks them. It is there to be imported, by that server.

Of a program it imports the installed packages that its file names. Its own modules are left to the forks: they may
do what no fork could share, such as asking for a GPU.
"""

import ast
import importlib
import io
import os
import sysconfig
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.util import find_spec
from pathlib import Path

from hydra.core.plugins import Plugins

import ablate.study.job
import ablate.study.launch.handed
import ablate.study.program.experiment  # noqa: F401
from ablate.config import grammar
from ablate.study.launch import following
from ablate.study.launch.pool import FILE

NOT_FORKED = ("tensorflow", "jax")  # they warn of forks, or wait for threads that a fork has not
INSTALLED = tuple({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


def packages(file: Path) -> Iterator[str]:
    """The installed modules that a Python file imports at its top."""
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        yield from (name for name in names if is_installed(name))


def is_installed(name: str) -> bool:
    """Whether a module is of a package that is installed, and may be imported before a fork."""
    package = name.partition(".")[0]
    spec = None if package in NOT_FORKED else find_spec(package)
    return bool(spec and spec.origin and spec.origin.startswith(INSTALLED))


def prepare(file: str | None) -> None:
    """Imports what a fork would; what they say, or cannot do, the fork says again."""
    Plugins.instance()
    grammar.parsed("key=1")  # its first word takes Hydra's grammar 20 ms
    said = io.StringIO()
    with suppress(Exception), redirect_stdout(said), redirect_stderr(said):
        for name in packages(Path(file)) if file else ():
            importlib.import_module(name)


prepare(os.environ.pop(FILE, None))
following.stop()
