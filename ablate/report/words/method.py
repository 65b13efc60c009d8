"""By which method the differences got their intervals, in words."""

from ablate.report.findings import Findings
from ablate.report.numbers.effect import effects
from ablate.report.numbers.method import AUTO, PAIRED


def method_line(found: Findings) -> str:
    """Which pairs of arms were judged with the help of the other arms of their axis, and how to do without."""
    asked = [row for row in [*effects(found.effects), *effects(found.simple)] if row.method != PAIRED]
    named = f"report.method={found.asked.method}"
    if not asked:
        return "" if found.asked.method == AUTO else f"Each pair rests on its own differences alone ({named})."
    axes = " and ".join(axis for axis in found.grid.axes if any(row.axes == (axis,) for row in asked))
    return (
        f"The spread of a difference in {axes} is the mean of the paired one and of Welch's over all arms of the "
        f"axis, with Satterthwaite's degrees of freedom ({named}); report.method=paired asks the two arms alone."
    )
