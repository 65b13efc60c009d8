"""Studies of many runs are planned in seconds. ABLATE_LARGE=1 takes the full figure, 10,000 runs of 100 cells."""

import os
import time

import pytest
from tiny import HERE

from ablate.study.rounds import Rounds

LR = ",".join(f"{n}e-4" for n in range(1, 11))
DECAY = ",".join(f"0.{n}" for n in range(10, 20))
HUNDRED = (f"optim.lr={LR}", f"optim.weight_decay={DECAY}", "seed=range(100)")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "runs", "bar"),
    [
        (("pos=none,learned", "seed=range(800)"), 1600, 10.0),
        pytest.param(
            HUNDRED, 10_000, 30.0, marks=pytest.mark.skipif("ABLATE_LARGE" not in os.environ, reason="long")
        ),
    ],
)
def test_many_seeds_of_few_cells_are_planned_in_seconds_of_one_core(train, monkeypatch, words, runs, bar):
    planned: list[tuple[int, float]] = []

    def due(rounds: Rounds) -> list[object]:
        planned.append((len(rounds.runs), time.process_time() - began))
        return []  # nothing is trained

    monkeypatch.setattr(Rounds, "due", due)
    began = time.process_time()
    assert train("-m", HERE, *words).code == 3  # all that is planned is planned in this process
    number, seconds = planned[0]
    print(f"{number} runs planned in {seconds:.1f} s of one core")
    assert number == runs
    assert seconds < bar
