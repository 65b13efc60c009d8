"""How far the planning of a large study has come, said while it takes long."""

import time

from rich.console import Console

AFTER_S = 2.0
AGAIN_S = 10.0  # between two lines, where they stay; on a terminal one line counts
LIVE_S = 0.25
LARGE = 100  # runs; with fewer, what takes seconds is the start of torch, and no count shows that


class Waiting:
    """Is shown how many of how many are done; says so after two seconds, for a large study."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.next = time.monotonic() + AFTER_S

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if of < LARGE or not done or now < self.next:
            return
        is_live = self.console.is_terminal
        self.next = now + (LIVE_S if is_live else AGAIN_S)
        self.console.print(f"planning: {done:,} of {of:,} runs", end="\r" if is_live else "\n")
