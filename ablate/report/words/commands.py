"""Commands as one types them: those that made a study, and the one that would tell more."""

import re
import shlex

from ablate.records.study_plan import StudyPlan

SEED = re.compile(r"\+{0,2}(?:[\w.]+\.)?seed")
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
    """The same command with the arms that are left of each axis, and other seeds."""
    words, named = [], False
    for word in command:
        key = word.partition("=")[0]
        if key.lstrip("+") in left and "=" in word:
            word = f"{key}={','.join(left[key.lstrip('+')])}"
        elif (SEED.fullmatch(key) or key.lstrip("+") == seed_key) and "=" in word:
            word, named = f"{key}={spelled(seeds)}", True
        elif NUMBER.fullmatch(key) and "=" in word:
            word, named = f"{key}={len(seeds)}", True
        words.append(word)
    return typed(words if named else [*words, f"{seed_key or 'seed'}={spelled(seeds)}"])


def spelled(seeds: list[int]) -> str:
    """`range(5)` for the first five seeds, else all of them."""
    return f"range({len(seeds)})" if seeds == list(range(len(seeds))) else ",".join(map(str, seeds))
