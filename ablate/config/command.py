"""A command as it was typed, and as Hydra takes it."""

import sys
from pathlib import Path

from ablate.config.choices import quote_choices
from ablate.config.errors import UserError
from ablate.config.flags import apart, joined
from ablate.config.folders import all_count, clashes, roots, searched
from ablate.config.grammar import parsed, unread
from ablate.config.words import can_be_axis, key_of


def command() -> str:
    """Which of our commands this is, as after `python -m`."""
    program = Path(sys.argv[0].replace(" ", "/"))  # `ablate audit` of the console script, or .../audit/__main__.py
    name = program.parent.name if program.stem == "__main__" else program.stem
    return f"ablate.{name}" if name in ("audit", "cost") else "ablate.train"


def understood(argv: list[str]) -> list[str]:
    """A command as Hydra takes it: flags first, every folder counting, choices in quotes.

    UserError for words that cannot be read, do not go together, or do nothing.
    """
    flags, words = apart(argv)
    if lines := unread(words):
        raise UserError(*lines)
    flags, words = all_count(flags, words)
    places = roots(flags, words)
    if lost := [place for place in searched(words) if not place.is_dir()]:
        raise UserError(f"hydra.searchpath: {lost[0]}: no such folder")
    if lines := clashes(places):
        raise UserError(*lines)
    plans_itself(words)
    words = quote_choices(words, places)
    takes_one_away(words)
    needs_multirun([name for name, _ in flags], words)
    return [*joined(flags), *words]


WHOLE = ("hydra", *(f"hydra.{part}" for part in ("sweeper", "launcher", "sweep", "run", "job", "runtime", "help")))
OWN = {"hydra.mode": "MULTIRUN", "hydra/sweeper": "ablate"}  # the words that change nothing


def plans_itself(words: list[str]) -> None:
    """Refuses words that would take the planning of runs away from the command."""
    for word in words:
        key, value = key_of(word), word.partition("=")[2].strip("'\"")
        ours = value == OWN.get(key) and command() == "ablate.train"
        if key in WHOLE and not value.startswith("{"):
            raise UserError(f"{word}: holds keys of its own, which are set one by one, as in hydra.verbose=true")
        if (key in OWN or key == "hydra.sweeper._target_") and not ours:
            raise UserError(f"{word}: {command()} plans its runs itself; leave {word} out")


def takes_one_away(words: list[str]) -> None:
    """Refuses `~attn=full,[]`: what is taken away is one thing, and no axis."""
    for word in words:
        override = parsed(word) if word.startswith("~") and "=" in word else None
        if override and (override.is_sweep_override() or not isinstance(override.value(), str | int | float)):
            raise UserError(f"{word}: a key is taken away by its name alone, {word.partition('=')[0]}")


def needs_multirun(flags: list[str], words: list[str]) -> None:
    """Refuses `pos=a,b` without -m; a committed study (`+study=`) is several runs by itself."""
    if "--multirun" in flags or any(word.startswith("+study=") for word in words):
        return
    for word in words:
        override = parsed(word)
        if override and override.is_sweep_override() and can_be_axis(key_of(word)):
            plain = word.replace("'", "")
            raise UserError(f"{plain} asks for several runs: put -m before it ({command()} -m {plain})")
