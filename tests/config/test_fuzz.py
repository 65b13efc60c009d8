"""Random commands (fuzz.py): exit 0 or 2, at most five lines, no hang, nothing written."""

from collections import Counter

import pytest
from fuzz import commands, judge
from hypothesis import HealthCheck, Phase, given, settings

QUIET = {"derandomize": True, "database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
met: Counter[int] = Counter()


@settings(max_examples=50, phases=[Phase.generate], **QUIET)
@given(commands())
def fifty(words):
    met[judge(words).code] += 1


@settings(max_examples=2000, **QUIET)
@given(commands())
def two_thousand(words):
    met[judge(words).code] += 1


def test_fifty_random_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    met.clear()
    fifty()
    assert met.total() == 50
    assert min(met[0], met[2]) > 5, met


@pytest.mark.slow
def test_two_thousand_random_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    met.clear()
    two_thousand()
    print(f"{met.total()} commands: {met[0]} are planned, {met[2]} refused")
    assert met.total() >= 2000
