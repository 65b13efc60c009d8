"""The command line: numbers as names of choices, one-line errors, exit codes."""

import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import (
    HydraException,
)
from omegaconf.errors import (
    OmegaConfBaseException,
)

from ablate import __version__
from ablate.config.errors import CannotStart, UserError, explain
from ablate.config.output import forgiving
from ablate.config.words import OVERRIDE, flags_first, quote_choices

MULTIRUN = ("-m", "--multirun")


@forgiving()
def main(entry: Callable[[], Any]) -> NoReturn:
    """Runs a Hydra entry point and ends the process: 0 well, 1 a bug, 2 wrong input, 3 some runs failed.

    HYDRA_FULL_ERROR=1 adds the traceback to what a user's mistake says, and changes nothing else.
    """
    if "--version" in sys.argv[1:]:
        print(f"ablate {__version__}")
        sys.exit(0)
    full = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises instead of printing and exiting
    try:
        sys.argv[1:] = quote_choices(flags_first(sys.argv[1:]))
        needs_multirun(sys.argv[1:])
        entry()
    except (UserError, HydraException, OmegaConfBaseException) as e:
        if full:
            traceback.print_exc()
        for line in explain(e).splitlines():
            print(f"ablate: {line}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as e:
        again = "run the same command again to finish what is missing"
        print(f"ablate: {str(e) or 'stopped'}; {again}", file=sys.stderr)
        sys.exit(128 + getattr(e, "number", 2))
    except Exception as e:
        if full:
            traceback.print_exc()
        if absent := absent_launcher(e):
            print(f"ablate: {absent}", file=sys.stderr)
            sys.exit(2)
        if isinstance(e, CannotStart):
            print(f"ablate: {e}", file=sys.stderr)
            sys.exit(1)
        if not full:
            traceback.print_exc()
        print("ablate: this is a bug in ablate or in a part of yours", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def command() -> str:
    """Which of our commands this is, as after `python -m`."""
    program = Path(sys.argv[0].replace(" ", "/"))  # `ablate audit` of the console script, or .../audit/__main__.py
    name = program.parent.name if program.stem == "__main__" else program.stem
    return f"ablate.{name}" if name in ("audit", "cost") else "ablate.train"


def needs_multirun(argv: list[str]) -> None:
    """Refuses `pos=a,b` without -m; a committed study (`+study=`) is several runs by itself."""
    if any(a in MULTIRUN for a in argv) or any(a.startswith("+study=") for a in argv):
        return
    parser = OverridesParser.create()
    for arg in argv:
        if not arg.startswith("-") and OVERRIDE.match(arg):
            try:
                asks_for_several = parser.parse_override(arg).is_sweep_override()
            except HydraException:
                continue
            if asks_for_several:
                plain = arg.replace("'", "")
                raise UserError(f"{plain} asks for several runs: put -m before it ({command()} -m {plain})")


EXTRAS = {"joblib": "joblib", "submitit": "slurm", "ray": "ray"}  # of pyproject.toml
UNKNOWN = re.compile(r"Unknown plugin class : 'hydra_plugins\.(hydra_(?P<kind>\w+)_launcher\.)?(?P<rest>[\w.]+)'")


def absent_launcher(error: Exception) -> str | None:
    """What to install, when the error is Hydra's for a launcher whose package is not there."""
    found = UNKNOWN.search(str(error))
    if not found:
        return None
    if extra := EXTRAS.get(found["kind"] or ""):
        return f'this launcher needs an extra: pip install "vit-ablate[{extra}]"'
    return f"hydra_plugins.{found['rest']}: no such plugin is installed"
