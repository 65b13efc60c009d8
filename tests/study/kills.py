"""Studies that are killed at random moments."""

import os
import random
import signal
import subprocess
from collections.abc import Callable

MOST = 3  # kills of one study; then it may end


def until_done(start: Callable[[], subprocess.Popen], chance: random.Random, length: float) -> int:
    """Starts a study that takes `length` seconds until it has ended well -> how often it was killed."""
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
