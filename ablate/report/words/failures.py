"""What failed, said before anything else: without these runs the means of their arms are too kind."""

from dataclasses import replace

from ablate.report.failures import chance
from ablate.report.findings import Findings, examine
from ablate.report.words.sentences import Sentence
from ablate.text import count


def failed_sentences(found: Findings) -> list[Sentence]:
    """`pos=none: 2 of 5 runs diverged`, and what the verdict would be if they counted as chance accuracy."""
    failed = found.runs[found.runs["state"] == "failed"]
    if failed.empty:
        return []
    if found.asked.failures != "chance" and not (found.runs["state"] == "done").any():
        return [Sentence("failed", f"{_where(found)}. So there is no mean to compare.")]
    return [Sentence("failed", f"{_where(found)}. {_counted(found)}")]


def _where(found: Findings) -> str:
    """The smallest part of the study in which all failures lie: a cell, else an arm, else all of it."""
    runs = found.runs
    failed = runs[runs["state"] == "failed"]
    word = "diverged" if all("FloatingPointError" in str(error) for error in failed["error"]) else "failed"
    cells = list(dict.fromkeys(failed["cell"]))
    shared = [
        (i, axis)
        for i, axis in enumerate(found.grid.axes)
        if len({cell[i] for cell in cells}) == 1 and len(found.levels[axis]) > 1
    ]
    among = runs[[all(cell[i] == cells[0][i] for i, _ in shared) for cell in runs["cell"]]]
    named = " ".join(f"{axis}={cells[0][i]}" for i, axis in shared)
    text = f"{len(failed)} of {count(len(among), 'run')} {word}"
    return f"{named}: {text}" if named else f"{text}, in {count(len(cells), 'cell')}"


def _counted(found: Findings) -> str:
    read_as, guess = found.measure, chance(found.records, found.measure)
    shown = "" if guess is None else f" ({read_as.value(guess)} {read_as.unit})"
    if found.asked.failures == "chance":
        return f"Here each counts as chance accuracy{shown}. Left out: {_changes(found, 'missing')}"
    if guess is None:
        return "The means are of the others, which is too kind to these arms."
    return (
        f"The means are of the others, which is too kind to these arms. Counted as chance accuracy{shown}: "
        f"{_changes(found, 'chance')}"
    )


def _changes(found: Findings, how: str) -> str:
    """What the other way of counting would change."""
    asked = replace(found.asked, failures=how, images=False)
    waiting = [run for run in found.plan.runs if run.id in set(found.runs["id"])]
    other = examine(found.facts, found.records, waiting, found.plan, asked, found.measure)
    lines = []
    if found.decision and other.decision and found.decision.best != other.decision.best:
        lines.append(f"the best cell would be {' '.join(other.decision.best)}")
    before = dict(zip(found.effects["name"], found.effects["verdict"], strict=True))
    for name, verdict in zip(other.effects["name"], other.effects["verdict"], strict=True):
        if before.get(name) != verdict:
            lines.append(f"{name} would be {_word(verdict)}, not {_word(before.get(name, 'none'))}")
    return f"{'; '.join(lines)}." if lines else "the verdict is the same."


def _word(verdict: str) -> str:
    return "without a verdict" if verdict == "none" else verdict
