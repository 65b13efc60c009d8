"""What the design of a study allows to be said, in words."""

from ablate.report.findings import Findings
from ablate.report.numbers.alias import resolution
from ablate.text import count

UNITS = {"flops": "training FLOPs", "seconds": "seconds of training"}  # of sweep.budget
ROMAN = {3: "III", 4: "IV", 5: "V", 6: "VI"}
MIXED = {
    3: "main effects are mixed with interactions of two axes",
    4: "main effects are mixed with interactions of three axes, those of two with each other",
    5: "interactions of two axes are mixed with those of three",
}


def averaged(found: Findings) -> str:
    """What a difference is the mean of, as the end of a sentence."""
    if found.design == "one_at_a_time":
        return ", each arm against the baseline with all other axes as in the baseline"
    return " and averaged over the cells of the other axes" if len(found.grid.axes) > 1 else ""


def design_lines(found: Findings) -> list[str]:
    """What a design other than the full grid cannot say, and what the cells have equal in place of epochs."""
    return [*_limits(found), *_budget(found)]


def _budget(found: Findings) -> list[str]:
    kinds = {(run.config.get("sweep") or {}).get("budget") for run in found.records}
    shown = [UNITS[kind] for kind in UNITS if kind in kinds]
    if not shown:
        return []
    epochs = [run.config["epochs"] for run in found.records]
    trained = f"{min(epochs)} to {max(epochs)} epochs" if min(epochs) < max(epochs) else count(epochs[0], "epoch")
    return [f"Equal budgets in {shown[0]}: each cell trained for what the baseline's epochs cost, {trained}."]


def _limits(found: Findings) -> list[str]:
    if found.design == "one_at_a_time":
        return ["One axis at a time: how the axes act together was not tried."]
    letters = resolution(found.aliases)
    if letters is None:
        return []
    cells, whole = len(found.grid.cells), 2 ** len(found.grid.axes)
    named = f"A fraction of resolution {ROMAN[letters]}, {cells} of {count(whole, 'cell')}"
    return [f"{named}: {MIXED[letters]}. Effects that are mixed are named together."]
