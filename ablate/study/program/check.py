"""`hydra.sweeper.check`: are two equal runs equal, and does the seed change anything?"""

from ablate.records.metric import MetricFacts
from ablate.records.run_record import RunRecord, label
from ablate.study.home import THEIRS


def compare(records: list[RunRecord], again: list[RunRecord], metric: MetricFacts | None, seed_key: str) -> None:
    """Says what comes out of the runs that were done again."""
    assert metric is not None
    for found in again:
        for line in lines(records, found, metric.name, seed_key):
            print(line, flush=True)


def lines(records: list[RunRecord], again: RunRecord, metric: str, seed_key: str) -> list[str]:
    """What a run says that was done a second time, and the other seeds of its cell."""
    first = next((one for one in records if one.id == again.id), None)
    if first is None or first.state != "done" or again.state != "done":
        return ["check: not done, as a run of it failed"]
    one, two = first.metrics.get(metric), again.metrics.get(metric)
    what = f"check: {label(first.cell)} {seed_key}={first.seed}"
    if one is None or two is None:
        return [f"{what}: has no {metric}"]
    said = (
        f"{what} done twice: {metric} is {one:.6g} both times"
        if one == two
        else f"{what} done twice: {metric} is {one:.6g} and {two:.6g}; equal runs are not equal, "
        f"so something in them is left to chance that {seed_key} does not fix"
    )
    others = [r for r in records if r.cell == first.cell and r.seed != first.seed and r.state == "done"]
    if not others:
        return [said, f"check: only one {seed_key}, so whether it does anything is not known"]
    if all(r.metrics.get(metric) == one for r in others):
        seeds = ", ".join(str(r.seed) for r in (first, *others))
        return [
            said,
            f"check: {seed_key}={seeds} all give {metric} {one:.6g}: it seeds nothing; {THEIRS}.seed=KEY names "
            "the key that does",
        ]
    return [said, f"check: {seed_key} changes {metric}, as it should"]
