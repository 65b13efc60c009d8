"""Commands as one types them: those that made a study, and the one that would tell more."""

import re
import shlex

from ablate.records.study_plan import StudyPlan

SEED = re.compile(r"\+{0,2}(?:[\w.]+\.)?seed")
FRESH = re.compile(r"\+{0,2}(sweep|hydra\.sweeper)\.fresh")
TUNE = re.compile(r"\+{0,2}(sweep|hydra\.sweeper)\.tune")
QUOTED = re.compile(r"'([\w.+-]+)'")
NUMBER = re.compile(r"\+{0,2}[\w.]+\.seeds")  # sweep.seeds=5


def commands(plan: StudyPlan) -> list[str]:
    """The commands that made the study."""
    every = plan.commands or [plan.command or []]
    return [typed(command) for command in every if command]


def typed(command: list[str]) -> str:
    """Words of a plan as a line for a shell. Ours are as Hydra's grammar wants them, with patch='4','7'."""
    if is_program(command):
        return shlex.join(command)
    line = shlex.join(QUOTED.sub(r"\1", word) for word in command)
    return f"python -m ablate.train {line}"


def is_program(command: list[str]) -> bool:
    """Whether a command runs a program that is not ours."""
    return command[:1] == ["python"]


def with_more(command: list[str], left: dict[str, str], seeds: list[int], seed_key: str | None = None) -> str:
    """The same command with other seeds, and other words for the axes in `left`; what is finished stays."""
    words, named, rest = [], False, dict(left)
    for word in command:
        key = word.partition("=")[0]
        if FRESH.fullmatch(key):
            continue
        if key.lstrip("+") in left and "=" in word:
            word = left[key.lstrip("+")]
            rest.pop(key.lstrip("+"), None)
        elif is_seed(key, seed_key) and "=" in word:
            word, named = f"{key}={spelled(seeds)}", True
        elif NUMBER.fullmatch(key) and "=" in word:
            word, named = f"{key}={len(seeds)}", True
        words.append(word)
    if not is_program(command) and not {"-m", "--multirun"} & {*words}:
        words.insert(0, "-m")
    words += rest.values()
    return typed(words if named else [*words, f"{seed_key or 'seed'}={spelled(seeds)}"])


def tunes(command: list[str]) -> bool:
    """Whether a command trains a second study, with tuned values."""
    return any(TUNE.fullmatch(word.partition("=")[0]) for word in command)


def is_seed(key: str, seed_key: str | None) -> bool:
    """Whether a key of a command is the seed; a program may have others that end so."""
    return key.lstrip("+") == seed_key if seed_key else bool(SEED.fullmatch(key))


def spelled(seeds: list[int]) -> str:
    """`range(5)` for the first five seeds, `range(1,6)` from 1 on, else all of them."""
    first, end = seeds[0], seeds[0] + len(seeds)
    if seeds != list(range(first, end)) or (first and len(seeds) < 4):
        return ",".join(map(str, seeds))
    return f"range({first},{end})" if first else f"range({end})"
