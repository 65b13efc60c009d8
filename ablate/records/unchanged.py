"""Files that were read before and are still the same: one command looks many times at each record of a study."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
Stamp = tuple[int, int, int, int]
SETTLED_S = 2.0  # a file as young as this may change again within one tick of its clock, which no stamp shows


class Unchanged(Generic[T]):
    """What `read` makes of a file, made again when the file is another one. It is shared: nobody may change it."""

    def __init__(self, read: Callable[[Path], T]) -> None:
        self.read = read
        self.kept: dict[str, tuple[Stamp, T]] = {}

    def __call__(self, file: Path) -> T:
        """Raises what `read` raises, and OSError."""
        path, found = os.path.abspath(file), file.stat()
        stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if path in self.kept and self.kept[path][0] == stamp:
            return self.kept[path][1]
        made = self.read(file)
        if time.time() - found.st_mtime > SETTLED_S:
            self.kept[path] = (stamp, made)
        return made
