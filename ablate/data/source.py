"""What every source of published files has in common."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ablate.data.files import File

Watch = Callable[[str, int, int | None], None]
"""Called with a name, the bytes that came so far, and the bytes in all (None if unknown)."""


class NoAnswer(RuntimeError):
    """A source has nothing for us; the text says why in one line."""


class Source(Protocol):
    """A place to fetch from. `timeout` is in seconds, str() is what the user reads."""

    timeout: float

    def fetch(self, files: Sequence[File], watch: Watch) -> Iterator[tuple[File, bytes | bytearray]]:
        """Each file with its unpacked content, not yet checked. Raises NoAnswer or Damaged."""
        ...
