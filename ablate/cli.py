"""The command line: numbers as names of choices, one-line errors, exit codes."""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString, RangeSweep
from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    MissingConfigException,
)
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
)

from ablate import CONF, workers
from ablate.schema import UserError, hint, natural

OVERRIDE = re.compile(r"^(\+\+|\+|~)?(?P<key>[A-Za-z_][\w/.]*)(@[^=]+)?=(?P<value>.*)$", re.S)
MULTIRUN = ("-m", "--multirun")


def main(entry: Callable[[], Any]) -> NoReturn:
    """Runs a Hydra entry point and ends the process: 0 well, 1 a bug, 2 wrong input, 3 some runs failed."""
    full = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises instead of printing and exiting
    workers.register()
    try:
        sys.argv[1:] = quote_choices(flags_first(sys.argv[1:]))
        needs_multirun(sys.argv[1:])
        entry()
    except (UserError, HydraException, OmegaConfBaseException) as e:
        if full:
            raise
        for line in explain(e).splitlines():
            print(f"ablate: {line}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as e:
        print(f"ablate: {e or 'stopped'}; the same command again finishes what is missing", file=sys.stderr)
        sys.exit(128 + getattr(e, "number", 2))
    except Exception as e:
        if full:
            raise
        from ablate.data.fetch import Unavailable

        if absent := absent_launcher(e):
            print(f"ablate: {absent}", file=sys.stderr)
            sys.exit(2)
        if isinstance(e, Unavailable):
            print(f"ablate: {e}", file=sys.stderr)
            sys.exit(1)
        traceback.print_exc()
        print("ablate: this is a bug in ablate or in a part of yours", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def flags_first(argv: list[str]) -> list[str]:
    """Hydra's parser takes overrides in one piece only; people write `pos=none,learned -m patch=4,7`."""
    return sorted(argv, key=lambda word: bool(OVERRIDE.match(word)))


def folders(argv: list[str]) -> Iterator[Path]:
    """conf/ and the folder of --config-dir."""
    yield CONF
    for word, after in zip(argv, [*argv[1:], ""], strict=False):
        if word in ("--config-dir", "-cd"):
            yield Path(after)
        elif word.startswith("--config-dir="):
            yield Path(word.split("=", 1)[1])


def quote_choices(argv: list[str]) -> list[str]:
    """Quotes the values of config groups: Hydra's grammar reads `patch=4` as an integer, and its
    groups take strings only."""
    roots = list(folders(argv))
    parser = OverridesParser.create()

    def quoted(arg: str) -> str:
        match = None if arg.startswith("-") else OVERRIDE.match(arg)
        places = [root / match["key"] for root in roots] if match else []
        if not match or not any(place.is_dir() for place in places):
            return arg
        try:
            override = parser.parse_override(arg)
        except HydraException:
            return arg  # Hydra says what is wrong with it
        names = sorted({file.stem for place in places for file in place.glob("*.yaml")}, key=natural)
        return arg[: match.start("value")] + quoted_value(override, names)

    return [quoted(arg) for arg in argv]


def quoted_value(override: Override, names: list[str]) -> str:
    value = override._value
    if isinstance(value, Glob):
        matching = Glob(include=list(map(str, value.include)), exclude=list(map(str, value.exclude)))
        return ",".join(f"'{name}'" for name in matching.filter(names))
    if isinstance(value, (ChoiceSweep, RangeSweep)):
        # Only the plain form 'a','b' keeps its quotes; choice('4','7') would lose them again.
        return ",".join(quoted_word(v) for v in override.sweep_iterator())
    return quoted_word(value)


def quoted_word(value: Any) -> str:
    if value is None:
        return "'null'"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, (int, float)):
        return f"'{value}'"
    if isinstance(value, QuotedString):
        return value.with_quotes()
    if isinstance(value, list):
        return "[" + ",".join(map(quoted_word, value)) + "]"
    return str(value)


def command() -> str:
    """Which of our commands this is, as after `python -m`."""
    name = Path(sys.argv[0].replace(" ", "/")).stem  # `ablate audit` of the console script, or .../audit.py
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


def explain(error: BaseException) -> str:
    """A user's mistake in one line: what, and what would have worked."""
    cause = error.__cause__
    if isinstance(error, MissingConfigException) and error.options is not None and error.missing_cfg_file:
        group, _, choice = str(error.missing_cfg_file).rpartition("/")
        return f"{group}={choice}: no such choice.{hint(choice, error.options)}"
    if isinstance(error, ConfigCompositionException) and isinstance(cause, OmegaConfBaseException):
        return explain(cause)
    if isinstance(error, (ConfigKeyError, ConfigAttributeError)) and error.parent_node is not None:
        known = [k for k in error.parent_node if k != "hydra"]  # type: ignore[union-attr]
        new = f" (A new key takes a plus sign: +{error.full_key}=...)"
        return f"{error.full_key}: no such key.{hint(error.key, known)}{new}"
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key}: needs a value; give it as {error.full_key}=..."
    if isinstance(error, InterpolationKeyError):
        return f"{error.full_key}: {error.msg or error}".splitlines()[0]
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return f"{error.full_key}: {str(error.msg or error).splitlines()[0]}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
