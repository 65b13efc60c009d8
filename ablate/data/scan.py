"""A folder of images by class -> its listing. A file is read once, and again only when it has changed."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ablate.data.decode import Head, head
from ablate.data.listing import Listing, check, ordered
from ablate.data.packed import Picture
from ablate.data.places import cache, store

VAL = ("val", "valid", "validation")
LITTER = {"Thumbs.db", "desktop.ini"}  # what file managers leave behind, besides hidden files
SETTLED_S = 2  # a file that changed within so many seconds may change again without its time telling
LAYOUT = "it should hold train/CLASS/IMAGE and test/CLASS/IMAGE, or CLASS/IMAGE"


def scan(root: str | None) -> Listing:
    """Raises ValueError, one line that begins with data.root, for a folder that is no data set."""
    if root is None:
        raise ValueError(f"data.root=null: data=folder needs data.root=PATH; {LAYOUT}")
    place, where = Path(root).expanduser().absolute(), f"data.root={root}"
    if not place.is_dir():
        raise ValueError(f"{where} is no folder; {LAYOUT}")
    parts = parts_of(place, where)
    names = sorted({one.name for folder in parts.values() for one in folders(folder)})
    if not names:
        raise ValueError(f"{where} has no folders of classes; {LAYOUT}")
    known = Index(place)
    found = [
        Picture(part, label, *known.look(file), str(file.relative_to(place)))
        for part, folder in parts.items()
        for label, name in enumerate(names)
        for file in files(folder / name)
    ]
    if not found:
        raise ValueError(f"{where} holds no images in its {len(names)} folders; {LAYOUT}")
    known.keep()
    listing = Listing(where, tuple(names), ordered(found), lambda name: (place / name).read_bytes())
    check(listing)
    return listing


def parts_of(place: Path, where: str) -> dict[str, Path]:
    """The folder of each part. Without a test folder the validation folder is the test set."""
    val = next((place / name for name in VAL if (place / name).is_dir()), None)
    test = place / "test" if (place / "test").is_dir() else None
    if not (place / "train").is_dir():
        if test and val:
            raise ValueError(f"{where} has {val.name}/ and test/ and no train/; {LAYOUT}")
        return {"": place}
    held = {"val": val, "test": test} if test else {"test": val}
    if not any(held.values()):
        raise ValueError(f"{where} has train/ and no test/; {LAYOUT}")
    return {"train": place / "train"} | {part: folder for part, folder in held.items() if folder}


def folders(place: Path) -> Iterator[Path]:
    return (one for one in place.iterdir() if one.is_dir() and not one.name.startswith("."))


def files(place: Path) -> Iterator[Path]:
    """All files below a class, but for hidden ones and what file managers leave behind."""
    for folder, below, names in os.walk(place, followlinks=True):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name not in LITTER:
                yield Path(folder, name)


class Index:
    """What is known of the files of a folder from an earlier look: a digest and a head by size and time."""

    def __init__(self, place: Path) -> None:
        self.file = cache() / "folders" / f"{hashlib.sha256(str(place).encode()).hexdigest()[:32]}.json"
        self.before: dict[str, list] = {}
        self.now: dict[str, list] = {}
        with suppress(OSError, ValueError):
            self.before = json.loads(self.file.read_text(encoding="utf-8"))

    def look(self, file: Path) -> tuple[str, Head | None]:
        state = file.stat()
        known = self.before.get(str(file))
        if known is None or known[:2] != [state.st_size, state.st_mtime_ns]:
            known = [state.st_size, state.st_mtime_ns, *examined(file.read_bytes())]
        if state.st_mtime < time.time() - SETTLED_S:
            self.now[str(file)] = known
        return known[2], known[3] and Head(*known[3])

    def keep(self) -> None:
        """Stores what was seen; where nothing can be written, the next look takes as long as this one."""
        if self.now == self.before:
            return
        store(self.file, self.now)


def examined(content: bytes) -> tuple[str, list | None]:
    """The digest of a file, and the head of an image, None where it is none."""
    try:
        found: list | None = list(head(content))
    except Exception:  # Pillow raises what its plugins like: OSError, SyntaxError, ValueError, struct.error
        found = None
    return hashlib.sha256(content).hexdigest(), found
