"""What the tracker says to the user: one line, apart from the results, and never with a key."""

import os
import re
import sys


def say(line: str) -> None:
    """Print a line, without secrets, on standard error."""
    print(scrub(line), file=sys.stderr, flush=True)


def one_line(error: Exception) -> str:
    """What an exception says, on one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def scrub(text: str) -> str:
    """Without anything that can be a key: 40 characters and more in one word, or a password in an address."""
    if key := os.environ.get("WANDB_API_KEY"):
        text = text.replace(key, "***")
    return re.sub(r"\w{40,}", "***", without_password(text))


def without_password(text: str) -> str:
    """`https://user:secret@host` as `https://host`."""
    return re.sub(r"//[^/@\s]+@", "//", text)
