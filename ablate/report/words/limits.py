"""What limits the verdict on one pair of arms: other images, other arms, aliases, missing runs."""

from ablate.report.findings import Findings
from ablate.report.numbers.alias import Term
from ablate.report.numbers.effect import Effect, effects
from ablate.report.numbers.paired import ALPHA
from ablate.text import change

NAMED = 4  # so many aliases of an effect, and arms at which it is different, are named


def doubts(row: Effect, found: Findings) -> str:
    """All of them, each a sentence with a space before it."""
    return (
        beyond(row, found)
        + other_images(row, found)
        + not_everywhere(row, found)
        + mixed(row.axes, found)
        + left_out(row)
    )


def beyond(row: Effect, found: Findings) -> str:
    """Where the interval says less than the test: two one-sided tests, or the looks before the last."""
    margin = found.measure.margin
    if row.verdict == "equivalent" and (row.low < -margin or row.high > margin):
        tests = "" if found.looks else "; that of the two tests, 90 %, does not"
        return f" The 95 % interval reaches beyond the margin{tests}."
    if row.verdict in ("better", "worse") and row.low <= 0 <= row.high:
        return " It was decided at an earlier look; the interval is that of the last look."
    return ""


def other_images(row: Effect, found: Findings) -> str:
    """A sentence if the verdict holds for these test images only, and could be different for others."""
    low, high = row.low_images, row.high_images
    margin = found.measure.margin
    unsure = row.verdict in ("better", "worse") and low <= 0 <= high
    if not unsure and not (row.verdict == "equivalent" and (low < -margin or high > margin)):
        return ""
    return f" That holds for these test images; over others too, the interval is {found.measure.span(low, high)}."


def not_everywhere(row: Effect, found: Findings) -> str:
    """Arms of other axes at which a verdict on the average over them is not so, or not shown to be."""
    simple = found.simple[~found.simple["low"].isna()]
    if row.verdict == "equivalent":
        otherwise = (simple["mean"].abs() > found.measure.margin) & (simple["p_holm"] < ALPHA)
    elif row.verdict in ("better", "worse"):
        otherwise = simple["verdict"] != row.verdict
    else:
        return ""
    said = found.measure
    turned = [
        f"at {axis}={choice} it is {said.difference(s.mean)} ({said.span(s.low, s.high)}, {s.verdict})"
        for s in effects(simple[otherwise])
        if (s.axes, s.arm, s.against) == (row.axes, row.arm, row.against)
        for axis, choice in s.within
    ]
    if not turned:
        return ""
    shown = turned[:NAMED] + ([f"{len(turned) - NAMED} more are in the table"] if len(turned) > NAMED else [])
    where = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f" That is the average of {change(row.arm[0], row.against[0])}; {where}."


def mixed(axes: Term, found: Findings) -> str:
    """What the fraction cannot tell from an effect."""
    if near := rivals(axes, found):
        return f" In this fraction it is mixed with {names(near)}: the difference may be theirs."
    others = found.aliases.get(axes, [])
    return f" In this fraction it is mixed with {names(others)}, taken to be small." if others else ""


def rivals(axes: Term, found: Findings) -> list[Term]:
    """Main effects and interactions of two that the fraction cannot tell from an effect: as likely as itself."""
    return [term for term in found.aliases.get(axes, []) if len(term) <= 2]


def names(terms: list[Term]) -> str:
    """`a × b, c × d and 4 more`."""
    shown, more = [" × ".join(term) for term in terms[:NAMED]], len(terms) - NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def left_out(row: Effect) -> str:
    return f" Not counted, because incomplete: {'; '.join(row.left_out)}." if row.left_out else ""
