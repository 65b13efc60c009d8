"""What a study shows of the inside of its best runs, without being asked."""

from collections.abc import Callable
from pathlib import Path

from ablate.records.best import best_of_arms, with_weights
from ablate.records.run_record import RunRecord
from ablate.text import count

SHARE = 0.02  # of the time that the study has trained, at most
DRAW_S = 4.0  # for the figures of a run
FLOPS_A_SECOND = 3e10  # of one core in fp32
FIGURE = "inside/confusion.png"  # one that every model has


def look_into_best(study: Path, say: Callable[[str], None]) -> None:
    """Looks into the best run of each arm, where that takes little against what the study has trained.

    Figures newer than the weights are kept. A long look, such as one on a CPU into a large model that a GPU has
    trained, is left to python -m ablate.inspect, and so is a study of one cell, which has no page.
    """
    runs = with_weights(study)
    spare_s = SHARE * sum(one.cost.get("train_s") or 0.0 for one in runs)
    if spare_s < DRAW_S or len({tuple(one.cell.items()) for one in runs}) < 2:
        return
    asked = best_of_arms(runs)
    todo = [one for one in runs if (folder := Path(one.folder or "")) in asked and not is_new(folder)]
    if not todo or sum(map(seconds, todo)) > spare_s:
        return
    from ablate.inspect.inside import look  # torch and matplotlib
    from ablate.inspect.opened import opened

    say(f"looking into the best run of each arm: {count(len(todo), 'run')}")
    for one in todo:
        look(opened(Path(one.folder or "")))


def is_new(run: Path) -> bool:
    """Whether it was looked into since it was trained."""
    figure = run / FIGURE
    return figure.is_file() and figure.stat().st_mtime >= (run / "weights.pt").stat().st_mtime


def seconds(one: RunRecord) -> float:
    """About what a look takes: the model sees all test images once, on the CPU."""
    images = (one.data or {}).get("test") or 0
    return DRAW_S + images * (one.cost.get("flops_per_image") or 0.0) / FLOPS_A_SECOND
