"""What is known of the images in tables from an earlier look, as long as the tables' files are the same."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ablate.data.decode import Head
from ablate.data.places import cache, store
from ablate.data.scan import examined


class Seen:
    """A digest and a head of each image by its name. `tables` know their files, as those of `datasets` do."""

    def __init__(self, tables: dict[str, Any], column: str) -> None:
        files = [Path(one["filename"]) for table in tables.values() for one in table.cache_files]
        states = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
        what = hashlib.sha256(json.dumps([column, states]).encode()).hexdigest()[:32]
        self.file = cache() / "folders" / f"{what}.json" if files else None
        self.known: dict[str, list[Any]] = {}
        self.is_new = False
        with suppress(OSError, ValueError):
            self.known = json.loads(self.file.read_text(encoding="utf-8")) if self.file else {}

    def look(self, name: str, read: Callable[[], bytes]) -> tuple[str, Head | None]:
        if name not in self.known:
            self.known[name] = list(examined(read()))
            self.is_new = True
        digest, head = self.known[name]
        return digest, head and Head(*head)

    def keep(self) -> None:
        """Stores what was seen; where nothing can be written, the next look takes as long as this one."""
        if not self.is_new or self.file is None:
            return
        store(self.file, self.known)
