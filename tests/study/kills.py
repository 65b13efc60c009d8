"""Studies that are killed at random moments."""

import os
import random
import signal
import subprocess
from collections.abc import Callable
from functools import partial

MOST = 3  # kills of one study; then it may end


def until_done(start: Callable[[], subprocess.Popen], chance: random.Random, length: float) -> int:
    """Starts a study that takes about `length` seconds until it has ended well -> how often it was killed."""
    for kills in range(MOST + 1):
        with start() as study:
            try:
                said, _ = study.communicate(timeout=chance.uniform(1, length) if kills < MOST else 600)
            except subprocess.TimeoutExpired:
                os.killpg(study.pid, signal.SIGKILL)
                continue
        assert study.returncode == 0, said
        return kills
    raise AssertionError


def kill_studies(
    start: Callable[[str], subprocess.Popen],
    check: Callable[[str], None],
    times: int,
    chance: random.Random,
    length: float,
) -> str:
    """Kills `times` studies and checks what is left of each -> what was done, in words.

    A study took `length` seconds, with what else ran then. Where less runs it may end before its first kill; then
    another is killed sooner.
    """
    kills = done = 0
    while done < times or not kills:
        kills += until_done(partial(start, f"cut{done}"), chance, length)
        check(f"cut{done}")
        done += 1
        if not kills:
            length = max(2.0, 0.7 * length)
    return f"{done} studies, killed {kills} times"
