"""Knobs that several data sets share, checked before anything is read."""


def held_out(val: int, train: int) -> int:
    """How many of the `train` images for training to hold out. Raises ValueError where that leaves none."""
    if not 0 < val < train:
        raise ValueError(f"data.val={val} does not split {train:,} training images; 1 to {train - 1} do")
    return val
