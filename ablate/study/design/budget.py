"""Fair budgets: epochs that cost every cell the same, in training FLOPs or in seconds.

Pure functions on numbers and records; a cell is its label (`pos=none patch=4`).
"""

import math
from collections.abc import Mapping

from ablate.records.run_record import RunRecord, label

BUDGETS = ("epochs", "flops", "seconds")  # of sweep.budget; epochs is the recipe as it stands
CLOSE = 0.05  # a cell that spends this share more or less than the budget still counts as equal


def per_epoch(record: RunRecord, budget: str) -> float:
    """What an epoch of a run cost: training FLOPs, or seconds. ValueError when its record does not say."""
    spent = record.cost["train_flops" if budget == "flops" else "train_s"]
    if not spent:
        raise ValueError(f"sweep.budget={budget}: what {label(record.cell)} costs is not known")
    return spent / record.config["epochs"]


def equal_epochs(
    costs: Mapping[str, float], reference: float, epochs: int, budget: str = "flops"
) -> dict[str, int]:
    """Whole epochs for each cell so that all spend what `epochs` epochs cost at `reference` an epoch.

    `costs` is what one epoch of each cell costs, in any unit. The nearest whole number is taken. Raises
    ValueError, saying what would work, when half an epoch of a cell is more than the budget.
    """
    found = {}
    for cell, cost in costs.items():
        found[cell] = math.floor(epochs * reference / cost + 0.5)
        if found[cell] < 1:
            least = math.ceil(cost / reference)
            raise ValueError(
                f"sweep.budget={budget}: one epoch of {cell} costs more than {epochs} of the baseline; "
                f"epochs={least} or more works"
            )
    return found


def shares(
    costs: Mapping[str, float], reference: float, epochs: int, given: Mapping[str, int]
) -> dict[str, float]:
    """What each cell really spends, as a share of the budget: 1 is all of it."""
    return {cell: given[cell] * cost / (reference * epochs) for cell, cost in costs.items()}


def coarse(spent: Mapping[str, float], epochs: int, given: Mapping[str, int], budget: str = "flops") -> str | None:
    """A line for the user when whole epochs miss the budget by more than 5 %, with the epochs that would not."""
    worst = max(spent, key=lambda cell: abs(spent[cell] - 1))
    if abs(spent[worst] - 1) <= CLOSE:
        return None
    trained = f"{given[worst]} epoch" + "s" * (given[worst] > 1)
    enough = math.ceil(epochs / (2 * CLOSE * min(given.values())))  # half an epoch of the fewest is then 5 %
    return (
        f"sweep.budget={budget}: {worst} trains {trained}, {100 * spent[worst]:.0f} % of the budget; "
        f"epochs={enough} would bring every cell within {100 * CLOSE:.0f} %"
    )
