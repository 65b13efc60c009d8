"""Folders of small images that can be told apart by class: a bright quadrant on noise."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(label: int, seed: int, size: int = 8, channels: int = 1) -> np.ndarray:
    """(size, size) or (size, size, 3) uint8."""
    shape = (size, size) if channels == 1 else (size, size, channels)
    x = np.random.default_rng([label, seed]).integers(0, 64, shape, dtype=np.uint8)
    half = size // 2
    top, left = label // 2 * half, label % 2 * half
    x[top : top + half, left : left + half] = 230
    return x


def folder(place: Path, n: int = 20, classes=("ant", "bee", "cat"), start: int = 0, **how) -> Path:
    """CLASS/NUMBER.png below `place`, `n` of each class."""
    for label, name in enumerate(classes):
        (place / name).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            Image.fromarray(picture(label, start + i, **how)).save(place / name / f"{i:03}.png")
    return place


def parts(place: Path, train: int = 20, val: int = 5, test: int = 6, **how) -> Path:
    """train/, val/ and test/, with no image in two of them."""
    for name, n, start in (("train", train, 0), ("val", val, 1000), ("test", test, 2000)):
        folder(place / name, n, start=start, **how)
    return place
