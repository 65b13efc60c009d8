"""The pixels of a listing, decoded and resized once and kept on disk by content."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from ablate.config.errors import CannotStart
from ablate.data import decode
from ablate.data.fetch import on_stderr
from ablate.data.listing import Listing
from ablate.data.places import cache

VERSION = 1  # raise it when the same file comes to other pixels
CHUNK = 256  # images in memory at once while they are decoded
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as color=gray


@dataclass(frozen=True)
class Pixels:
    """`file` holds an image (C, Y, X) uint8 for each picture of the listing, zeros for a broken one.

    `moments` (n, 2, 1 or 4): mean and mean square of each channel of each image, and of its gray if it has three.
    """

    file: Path
    image: tuple[int, int, int]
    moments: np.ndarray
    broken: tuple[int, ...]


def kept(listing: Listing, image: tuple[int, int, int], size: int | None, fit: str) -> Pixels:
    """Makes them if nobody has yet. Raises CannotStart where they cannot be written."""
    what = json.dumps([VERSION, listing.content, image, fit if size else None])
    place = cache() / "pixels" / hashlib.sha256(what.encode()).hexdigest()[:32]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not (place / "broken.json").exists():
                make(listing, image, size, fit, place)
    except OSError as error:
        choose = "ABLATE_CACHE=DIR chooses another folder"
        raise CannotStart(f"{listing.where}: cannot write to {place} ({error.strerror}); {choose}") from error
    broken = json.loads((place / "broken.json").read_text(encoding="utf-8"))
    return Pixels(place / "images.bin", image, np.load(place / "moments.npy"), tuple(broken))


def make(listing: Listing, image: tuple[int, int, int], size: int | None, fit: str, place: Path) -> None:
    """Writes under a name that nobody reads, then renames: who is killed leaves nothing that is believed."""
    began, draft = time.perf_counter(), place.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    moments, broken = [], []
    with open(draft / "images.bin", "wb") as file:
        for index, picture in enumerate(decoded(listing, image, size, fit)):
            if picture is None:
                broken.append(index)
                picture = np.zeros(image, dtype=np.uint8)
            file.write(picture.tobytes())
            moments.append(moments_of(picture))
    np.save(draft / "moments.npy", np.stack(moments))
    (draft / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    os.replace(draft, place)
    seconds = time.perf_counter() - began
    on_stderr(f"{listing.where}: {len(moments):,} images decoded in {seconds:.1f} s, kept in {place}")


def decoded(
    listing: Listing, image: tuple[int, int, int], size: int | None, fit: str
) -> Iterator[np.ndarray | None]:
    """Each picture in order; None for one that is broken."""

    def one(index: int) -> np.ndarray | None:
        picture = listing.pictures[index]
        try:
            found = decode.pixels(listing.read(picture.name), image[0], size, fit) if picture.head else None
        except Exception:  # Pillow raises what its plugins like
            return None
        return found if found is not None and found.shape == image else None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(listing.pictures), CHUNK):
            yield from pool.map(one, range(start, min(start + CHUNK, len(listing.pictures))))


def moments_of(picture: np.ndarray) -> np.ndarray:
    """(C, Y, X) uint8 -> (2, C or 4), of pixels in 0..1."""
    x = picture.reshape(len(picture), -1) / 255
    if len(x) == 3:
        x = np.concatenate([x, LUMA[None] @ x])
    return np.stack([x.mean(1), np.square(x).mean(1)])
