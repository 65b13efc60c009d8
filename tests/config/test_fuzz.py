"""Random commands (fuzz.py): exit 0 or 2, at most five lines, no hang, nothing written.

ABLATE_FUZZ=2000 pytest -s -m slow tests/config/test_fuzz.py    how many there are in all, 60 if left out
"""

import os
from collections import Counter

import pytest
from fuzz import commands, judge
from hypothesis import HealthCheck, Phase, given, seed, settings

PARTS = 8  # each draws commands of its own, so that processes can share the work
ALL = int(os.environ.get("ABLATE_FUZZ", "60"))
QUIET = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
PHASES = [Phase.generate, Phase.shrink]


def drawn(count: int, start: int) -> Counter[int]:
    """How many of `count` random commands end with each exit code."""
    met: Counter[int] = Counter()

    @seed(start)
    @settings(max_examples=count, phases=PHASES, **QUIET)
    @given(commands())
    def each(words):
        met[judge(words).code] += 1

    each()
    return met


def test_five_random_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    met = drawn(5, 0)
    assert met.total() == 5
    assert min(met[0], met[2]) > 0, met


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_commands(tmp_path, monkeypatch, part):
    monkeypatch.chdir(tmp_path)
    met = drawn(ALL // PARTS, 1 + part)
    print(f"{met.total()} commands: {met[0]} are planned, {met[2]} refused")
    assert met.total() >= ALL // PARTS
