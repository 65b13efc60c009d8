"""The server of processes is started before Hydra reads the command, which takes a second.

That is a guess: the command may turn out to be wrong, or to ask for nothing new. Its server then ends with it
(launch/following.py).
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ablate.config.flags import apart
from ablate.config.words import key_of, value_of
from ablate.study.launch import environment, pool

NO_RUNS = {"--cfg", "--info", "--shell-completion", "--hydra-help"}
BEGINNING = 2**16  # characters of a study.json: its command is one of its first fields


def start(argv: list[str], modules: Sequence[str], runs: Path = Path("runs")) -> None:
    """Starts the server, which imports `modules`, if the command probably asks for new runs with our launcher."""
    if is_likely(argv, runs):
        environment.prepare()
        pool.warm(modules)


def is_likely(argv: list[str], runs: Path) -> bool:
    """Whether a command seems to need the server: no other launcher, and no study in `runs` with these words."""
    flags, words = apart(argv)
    given = {key_of(word): value_of(word) for word in words}
    if NO_RUNS & {name for name, _ in flags} or given.get("hydra/launcher", "processes") != "processes":
        return False
    return "hydra.sweep.dir" not in given and not any(
        command_of(file) == argv for file in runs.glob("*/study.json")
    )


def command_of(file: Path) -> list[str] | None:
    """The words that a study was asked for with, from the beginning of its file; None where it has none."""
    with suppress(OSError, ValueError), open(file, encoding="utf-8") as text:
        _, found, rest = text.read(BEGINNING).partition('"command": ')
        return json.JSONDecoder().raw_decode(rest)[0] if found else None
    return None
