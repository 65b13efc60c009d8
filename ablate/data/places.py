"""Where what is made of data sets is kept between commands; all of it can be made again."""

import os
from pathlib import Path

import platformdirs


def cache() -> Path:
    """$ABLATE_CACHE; else ablate in the per-user cache folder."""
    chosen = os.environ.get("ABLATE_CACHE") or platformdirs.user_cache_dir("ablate", appauthor=False)
    return Path(chosen).expanduser().absolute()
