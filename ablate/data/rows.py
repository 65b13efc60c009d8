"""Which pictures of a listing are for training, for validation and for the test."""

import numpy as np
import torch

from ablate.data.listing import Listing
from ablate.data.split import held_out

Rows = dict[str, np.ndarray]  # of each part, indices of pictures


def rows(listing: Listing, usable: np.ndarray, val: float, test: float) -> Rows:
    """By the folders, where there are any; what they lack is held out by the fixed rule (ablate.data.split).

    `usable` (n,) bool. `val` and `test` below 1 are shares of what is split, else numbers of images. Raises
    ValueError where a class would be left without an image in some part.
    """
    part = np.array([picture.part for picture in listing.pictures])
    labels = np.array([picture.label for picture in listing.pictures])
    found = {name: np.flatnonzero((part == name) & usable) for name in ("train", "val", "test")}
    stay = np.flatnonzero(((part == "") | (part == "train")) & usable)
    if not len(found["test"]):
        stay, found["test"] = divided(stay, labels, number(test, len(stay), "test", listing))
    if not len(found["val"]):
        stay, found["val"] = divided(stay, labels, number(val, len(stay), "val", listing))
    found["train"] = stay
    for name, which in found.items():
        counts = np.bincount(labels[which], minlength=len(listing.names))
        if not counts.all():
            lacking = int(np.flatnonzero(counts == 0)[0])
            n = int(np.sum(labels[usable] == lacking))
            has = f"{n:,} image" if n == 1 else f"{n:,} images"
            raise ValueError(
                f"{listing.where}: class {listing.names[lacking]} has {has} and none left for {name} at "
                f"data.val={val:g} data.test={test:g}; more images of it, or folders train/, val/, test/, will do"
            )
    return found


def number(asked: float, n: int, name: str, listing: Listing) -> int:
    """Of n images, those that a share or a number asks for."""
    found = round(asked * n) if asked < 1 else int(asked)
    if not 0 < found < n:
        raise ValueError(
            f"data.{name}={asked:g} does not split {n:,} images of {listing.where}; 0.1 takes a tenth"
        )
    return found


def divided(which: np.ndarray, labels: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    held = held_out(torch.from_numpy(labels[which]), n).numpy()
    return which[~held], which[held]
