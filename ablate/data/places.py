"""Where what is made of data sets is kept between commands; all of it can be made again."""

import json
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from ablate.records import atomic


def cache() -> Path:
    """$ABLATE_CACHE; else ablate in the per-user cache folder."""
    chosen = os.environ.get("ABLATE_CACHE") or platformdirs.user_cache_dir("ablate", appauthor=False)
    return Path(chosen).expanduser().absolute()


def store(file: Path, seen: object) -> None:
    """Keeps as JSON what was seen; where nothing can be written, the next look takes as long as this one."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, json.dumps(seen))
