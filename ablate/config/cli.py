"""The command line: numbers as names of choices, one-line errors, exit codes."""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ablate import __version__
from ablate.config import help, interrupted
from ablate.config.command import understood
from ablate.config.errors import CannotStart
from ablate.config.explain import WRONG_INPUT, explain
from ablate.config.flags import apart
from ablate.config.output import forgiving


@forgiving()
def main(entry: Callable[[], Any]) -> NoReturn:
    """Runs a Hydra entry point and ends the process: 0 well, 1 a bug, 2 wrong input, 3 some runs failed.

    HYDRA_FULL_ERROR=1 adds the traceback to what a user's mistake says, and changes nothing else.
    """
    if "--version" in sys.argv[1:]:
        print(f"ablate {__version__}")
        sys.exit(0)
    with exits():
        os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises instead of printing and exiting
        sys.argv[1:] = understood(sys.argv[1:])
        if places := help.asked(*apart(sys.argv[1:])):
            print(help.text(places))
            sys.exit(0)
        entry()
    sys.exit(0)


_inside: list[None] = []  # whether whoever called us turns errors into exit codes already


@contextmanager
def exits() -> Iterator[None]:
    """Inside, what is raised ends the process: 1 a bug, 2 wrong input, 3 some runs failed; and says so in a line.

    Where it stands in another it does nothing: the sweeper has it for programs that do not begin with `main`.
    """
    if _inside:
        yield
        return
    full = os.environ.get("HYDRA_FULL_ERROR") == "1"
    _inside.append(None)
    try:
        with forgiving(), interrupted.remembered():
            yield
    except WRONG_INPUT as e:
        if full:
            traceback.print_exc()
        for line in shortened(explain(e).splitlines()):
            print(f"ablate: {line}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as e:
        print(f"ablate: {str(e) or 'stopped'}; {again(sys.argv[1:])}", file=sys.stderr)
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
    finally:
        _inside.clear()


FRESH = re.compile(r"\+{0,2}((?:hydra\.)?sweep(?:er)?\.fresh)=(?i:true|yes|on)")


def again(words: list[str]) -> str:
    """What to do about runs that a command has not come to."""
    if asked := next(filter(None, map(FRESH.fullmatch, words)), None):
        return f"the same command trains all runs again; without {asked[1]}=true it finishes what is missing"
    return "run the same command again to finish what is missing"


MOST_LINES = 5  # for the mistakes of one command


def shortened(lines: list[str]) -> list[str]:
    """The first problems only; once they are corrected, the next ones are shown."""
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[: MOST_LINES - 1], f"and {len(lines) - MOST_LINES + 1} more problems like these"]


EXTRAS = {"joblib": "joblib", "submitit": "slurm", "ray": "ray"}  # of pyproject.toml
UNKNOWN = re.compile(r"Unknown plugin class : 'hydra_plugins\.(hydra_(?P<kind>\w+)_launcher\.)?(?P<rest>[\w.]+)'")


def absent_launcher(error: Exception) -> str | None:
    """What to do, when the error is Hydra's for a launcher that is not there, or whose package is not."""
    if str(error) == "Hydra launcher is not configured":
        return "hydra.launcher=null: runs need a launcher; leave it out"
    found = UNKNOWN.search(str(error))
    if not found:
        return None
    if extra := EXTRAS.get(found["kind"] or ""):
        return f'this launcher needs an extra: pip install "vit-ablate[{extra}]"'
    return f"hydra_plugins.{found['rest']}: no such plugin is installed"
