"""Folders that cannot be written, said in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ablate.config.errors import CannotStart


@contextmanager
def into(folder: Path, elsewhere: str) -> Iterator[None]:
    """Turns an OSError inside into CannotStart, which names the folder and says how to choose another."""
    try:
        yield
    except OSError as e:
        raise CannotStart(f"{folder} cannot be written ({e.strerror or e}); {elsewhere}") from e
