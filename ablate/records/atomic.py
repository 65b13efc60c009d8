"""Files that a reader never sees half written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ablate.records.damage import make_way


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft to write, which then takes the file's place: a reader sees the whole new file or the old one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        with open(draft, "rb") as file:
            os.fsync(
                file.fileno()
            )  # without this, a machine that loses power may keep the name but not the contents
        make_way(path)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):  # the space is wanted for saying that the disk is full; it may still be open
            os.truncate(draft, 0)
            draft.unlink()
        raise


def write(path: Path, text: str) -> None:
    with whole(path) as draft:
        draft.write_text(text, encoding="utf-8", errors="replace")  # a path may not be UTF-8
