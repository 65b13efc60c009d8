"""Which effects are not the same everywhere, in words: interactions."""

import math

from ablate.report.findings import Findings
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.paired import ALPHA
from ablate.report.words.limits import mixed, names, rivals
from ablate.text import change, p_value


def dependences(found: Findings) -> list[str]:
    """`pos depends on patch: ...`, one for each pair of arms, with its effect at every arm where it differs.

    Of two axes that interact, the one with the larger effects is said to depend on the other.
    """
    gaps: dict[tuple[str, ...], list[Effect]] = {}
    for row in effects(found.interactions):
        if row.p_holm < ALPHA and not rivals(row.axes, found):
            acting, place = (0, 1) if _size(row.axes[0], found) >= _size(row.axes[1], found) else (1, 0)
            key = (row.axes[acting], row.arm[acting], row.against[acting], row.axes[place])
            gaps.setdefault(key, []).append(row)
    return [_dependence(*key, rows=rows, found=found) for key, rows in gaps.items()]


def _dependence(axis: str, arm: str, against: str, place: str, *, rows: list[Effect], found: Findings) -> str:
    said = found.measure
    at = {
        choice: f"{said.difference(s.mean)} at {place}={choice}"
        + ("" if math.isnan(s.low) else f" ({said.span(s.low, s.high)})")
        for s in effects(found.simple)
        if (s.axes, s.arm, s.against) == ((axis,), (arm,), (against,))
        for where, choice in s.within
        if where == place
    }
    shown = [at[choice] for choice in found.levels[place] if choice in at] or ["not the same everywhere"]
    widest = max(rows, key=lambda row: abs(row.mean))
    gap = f"{said.amount(abs(widest.mean))} ({p_value(widest.p_holm)})"
    return (
        f"{axis} depends on {place}: {change(arm, against)} is {', '.join(shown)}; the largest gap is {gap}."
        + mixed(widest.axes, found)
    )


def mixed_dependences(found: Findings) -> list[str]:
    """Interactions that are there, but of which axes the fraction cannot tell."""
    return [
        f"{' × '.join(row.axes)} or {names(rivals(row.axes, found))}: an interaction of "
        f"{found.measure.amount(abs(row.mean))} (95 % interval {found.measure.span(row.low, row.high)}, "
        f"{p_value(row.p_holm)}); this fraction cannot tell which."
        for row in effects(found.interactions)
        if row.p_holm < ALPHA and rivals(row.axes, found)
    ]


def _size(axis: str, found: Findings) -> float:
    sizes = found.effects[found.effects["axes"] == (axis,)]["mean"].abs()
    return float(sizes.max()) if len(sizes) else 0.0
