"""What a reader must know before the numbers."""

from ablate.records.run_record import RunRecord
from ablate.report.findings import Findings
from ablate.report.read.groups import FACTS, fact_of, facts_apart
from ablate.text import count


def heading(part: Findings, found: list[Findings]) -> str:
    """What sets a group apart from the others: `recipe 5ab1, device cpu: 12 runs`."""
    differ = [fact for fact in facts_apart(other.facts for other in found) if fact in part.facts]
    facts = ", ".join(f"{fact} {part.facts[fact] or 'unknown'}" for fact in differ)
    return f"{facts}: {count(len(part.records), 'run')}"


def warnings(found: list[Findings], differing: list[str]) -> list[str]:
    """What a reader must know before the numbers: unfinished, failed, or not comparable runs."""
    states = [state for part in found for state in part.runs["state"]]
    total, lines = count(len(states), "run"), []
    if waiting := sum(state not in ("done", "failed") for state in states):
        lines.append(f"Not finished: {waiting} of {total} {_is(waiting)} still to come; the numbers will change.")
    if failed := states.count("failed"):
        lines.append(f"{failed} of {total} failed and {_is(failed)} in no mean.")
    done = [run for part in found for run in part.records if run.state == "done"]
    lines += sped_up(done, "compile", "inductor", "Compiled", "; compile=off or compile=on treats all alike")
    lines += sped_up(done, "graph", "off", "Without a CUDA graph", "")
    if differing:
        facts = [line.split(":")[0] for line in differing]
        joined = ",".join(dict.fromkeys(fact_of(fact) for fact in facts if fact_of(fact) in FACTS))
        lines.append(
            f"{len(found)} groups of runs cannot be compared, so each is alone; "
            f"report.together={joined} joins them."
        )
        lines += [f"  {line}" for line in differing]
    return lines


def sped_up(done: list[RunRecord], version: str, value: str, words: str, cure: str) -> list[str]:
    """A line where only some of the runs were made faster, or kept from it."""
    n = sum(run.versions.get(version) == value for run in done)
    if not 0 < n < len(done):
        return []
    return [
        f"{words}: {n} of {len(done)} runs. Their seconds and images/s cannot be compared with those of the "
        f"others{cure}."
    ]


def _is(n: int) -> str:
    return "is" if n == 1 else "are"
