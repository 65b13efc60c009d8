"""The verdicts err as often as they say: a short look in every suite, 2,000 and 20,000 studies in the slow one."""

import pytest
import simulation


def test_a_few_made_up_studies_stay_in_wide_bounds():
    for claim, least, most, seen in simulation.table(repeats=300):
        assert least - 0.03 <= seen <= most + 0.03, claim


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [2_000, 20_000])
def test_intervals_cover_and_errors_stay_below_their_level(repeats):
    for claim, least, most, seen in simulation.table(repeats):
        assert least <= seen <= most, f"{claim}: {100 * seen:.2f} %"
