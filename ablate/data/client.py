"""A package client of the user's, such as npm or apt-get, run as it is set up."""

import shutil
import subprocess
from pathlib import Path

from ablate.data.source import NoAnswer


def call(client: str, *words: str, place: Path, timeout: float) -> tuple[int, str]:
    """Runs it in `place` -> (exit status, what it printed on stderr).

    Raises NoAnswer where there is no such client, or after `timeout` seconds, when it is killed.
    """
    path = shutil.which(client)
    if path is None:
        raise NoAnswer(f"no {client} on this machine")
    errors = place / f"{client}.stderr"  # a pipe would be waited for until a killed client's children end too
    with errors.open("w", encoding="utf-8") as stderr:
        try:
            done = subprocess.run(
                [path, *words], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
                timeout=timeout, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(f"{client} was not done within {timeout:g} s") from error
    return done.returncode, errors.read_text(encoding="utf-8", errors="replace")
