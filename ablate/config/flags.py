"""Hydra's own flags in a command: separated from the words, and refused in one line where they do not fit."""

from collections.abc import Iterable

from ablate.config.errors import UserError, hint

COMMANDS = {"--run": "-r", "--multirun": "-m", "--cfg": "-c", "--info": "-i", "--shell-completion": "-sc"}
OTHERS = {
    "--help": "-h",
    "--hydra-help": "",
    "--version": "",
    "--resolve": "",
    "--package": "-p",
    "--config-path": "-cp",
    "--config-name": "-cn",
    "--config-dir": "-cd",
    "--experimental-rerun": "",
}
LONG = {short: name for name, short in (COMMANDS | OTHERS).items()} | {name: name for name in COMMANDS | OTHERS}
VALUES = {  # of the flags that take one: which, where there is a list of them
    "--cfg": ("job", "hydra", "all"),
    "--info": ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
    **dict.fromkeys(("--package", "--config-path", "--config-name", "--config-dir", "--experimental-rerun"), ()),
}

Flag = tuple[str, str | None]  # its long name, and its value


def apart(argv: Iterable[str]) -> tuple[list[Flag], list[str]]:
    """A command's flags and its words, in their orders. UserError for flags that do not fit."""
    flags: list[Flag] = []
    words: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        short, equals, value = word.partition("=")
        name = LONG.get(short)
        if name is None:
            raise UserError(unknown(word))
        if name in VALUES and not equals:
            takes_next = rest and (rest[0] in VALUES[name] if name == "--info" else not rest[0].startswith("-"))
            value = rest.pop(0) if takes_next else "all" if name == "--info" else ""
        flags.append((name, value if name in VALUES else None))
        if wrong := misfit(word, name, value, bool(equals)):
            raise UserError(wrong)
    if wrong := together({name for name, _ in flags}):
        raise UserError(wrong)
    return flags, words


def joined(flags: Iterable[Flag]) -> list[str]:
    """Flags as Hydra's parser takes them, whatever stands after them."""
    return [name if value is None else f"{name}={value}" for name, value in flags]


def unknown(word: str) -> str:
    plain = word.lstrip("-")
    if "=" in plain:
        return f"{word}: no such flag; without the dashes it sets a key: {plain}"
    return f"{word}: no such flag.{hint(word, (*COMMANDS, *OTHERS, '-m'))}"


def misfit(word: str, name: str, value: str, has_equals: bool) -> str | None:
    """Why a flag cannot stand as it does."""
    if name not in VALUES:
        return f"{word}: this flag takes no value: {name}" if has_equals else None
    if not value:
        return f"{name}: needs a value after it, as in {name} {(VALUES[name] or ('NAME',))[0]}"
    if VALUES[name] and value not in VALUES[name]:
        return f"{name} {value}: shows something else.{hint(value, VALUES[name])}"
    return None


def together(names: set[str]) -> str | None:
    """Why these flags cannot stand in one command."""
    several = [name for name in COMMANDS if name in names]
    if len(several) > 1:
        return f"{several[0]} and {several[1]} are two commands; leave {several[0]} out" + (
            ", and name one choice of each axis" if "--multirun" in several else ""
        )
    if "--resolve" in names and not names & {"--cfg", "--help"}:
        return "--resolve belongs to --cfg: --cfg job --resolve shows the configuration with its values in place"
    return None
