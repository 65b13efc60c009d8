"""Commands as one types them: those that made a study, and the one that would tell more."""

import re
import shlex

from ablate.records.study_plan import StudyPlan

SEED = re.compile(r"\+{0,2}(?:[\w.]+\.)?seed")
FRESH = re.compile(r"\+{0,2}(sweep|hydra\.sweeper)\.fresh")
TUNE = re.compile(r"\+{0,2}(sweep|hydra\.sweeper)\.tune")
NUMBER = re.compile(r"\+{0,2}[\w.]+\.seeds")  # sweep.seeds=5


def commands(plan: StudyPlan) -> list[str]:
    """The commands that made the study."""
    every = plan.commands or [plan.command or []]
    return [typed(command) for command in every if command]


def typed(command: list[str]) -> str:
    """Words of a plan, which are as Hydra's grammar wants them (patch='4','7'), as a line for a shell."""
    line = shlex.join(re.sub(r"'([\w.+-]+)'", r"\1", word) for word in command)
    return line if line.startswith("python ") else f"python -m ablate.train {line}"


def with_more(
    command: list[str], left: dict[str, list[str]], seeds: list[int], seed_key: str | None = None
) -> str:
    """The same command with these arms of each axis, and other seeds; finished runs stay as they are."""
    words, named, rest = [], False, dict(left)
    for word in command:
        key = word.partition("=")[0]
        if FRESH.fullmatch(key):
            continue
        if key.lstrip("+") in left and "=" in word:
            word = f"{key}={','.join(left[key.lstrip('+')])}"
            rest.pop(key.lstrip("+"), None)
        elif is_seed(key, seed_key) and "=" in word:
            word, named = f"{key}={spelled(seeds)}", True
        elif NUMBER.fullmatch(key) and "=" in word:
            word, named = f"{key}={len(seeds)}", True
        words.append(word)
    words += [f"{axis}={','.join(arms)}" for axis, arms in rest.items()]
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
