"""What is printed never ends a run: streams that show what they can and lose the rest.

A terminal goes away, the reader of a pipe leaves, the disk of a log is full, an encoding has no minus sign: what
is printed then is lost, or shown in plainer letters, and the work goes on.
"""

import codecs
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

PLAIN = {"−": "-", "–": "-", "—": "-", "±": "+-", "×": "x", "…": "...", "━": "=", "╌": "-", "≥": ">=", "≤": "<="}
NOBODY = (errno.EPIPE, errno.EIO, errno.EBADF)  # nobody reads it any more


def plainly(error: UnicodeError) -> tuple[str, int]:
    """Error handler of codecs: letters that an encoding does not have, as near as ASCII comes to them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


codecs.register_error("ablate.plain", plainly)


class Forgiving:
    """A text stream that raises no error when it cannot show something; `lost` is the latest such error."""

    def __init__(self, stream: TextIO | None) -> None:
        self.made = stream is None  # the process was started without it
        self.stream = stream if stream is not None else open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        self.lost: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        try:
            self.stream.write(text)
        except UnicodeEncodeError as e:
            self.write(text.encode(e.encoding, "ablate.plain").decode(e.encoding))
        except (OSError, ValueError) as e:  # ValueError: it is closed
            self.lost = e
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except (OSError, ValueError) as e:
            self.lost = e

    def isatty(self) -> bool:
        try:
            return self.stream.isatty()
        except (OSError, ValueError):
            return False

    def settle(self) -> None:
        """Sends what cannot be shown to nowhere, else Python fails at its own last flush."""
        try:
            self.stream.flush()
        except (OSError, ValueError) as e:
            self.lost = e
            with suppress(OSError, ValueError):  # a stream without a file
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)
        if self.made:
            self.stream.close()


@contextmanager
def forgiving() -> Iterator[None]:
    """Inside, nothing that is printed to the standard streams can raise, whoever prints it."""
    before = sys.stdout, sys.stderr
    if all(isinstance(stream, Forgiving) for stream in before):
        yield
        return
    out, err = (stream if isinstance(stream, Forgiving) else Forgiving(stream) for stream in before)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        yield
    finally:
        out.settle()
        if isinstance(out.lost, OSError) and out.lost.errno not in NOBODY:
            err.write(f"ablate: not all could be shown: {out.lost.strerror or out.lost}\n")
        err.settle()
        sys.stdout, sys.stderr = before
