"""Whether the labels of a data set are those of its classes."""

from ablate.data import Data


def problem(data: Data, classes: int) -> str | None:
    """One line on the first part whose labels are not 0 to classes - 1; None where all are."""
    for name in ("train", "val", "test"):
        y = getattr(data, name).y
        low, high = int(y.min()), int(y.max())
        if low < 0 or high >= classes:
            wrong = low if low < 0 else high
            return (
                f"data: label {wrong} of a {name} image is out of range; {classes} classes have 0 to {classes - 1}"
            )
    return None
