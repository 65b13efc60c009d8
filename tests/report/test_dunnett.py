"""The reason that docs/reading-the-dashboard.md gives for Holm, in fewer repeats."""

import dunnett
import numpy as np


def test_dunnett_errs_where_arms_differ_in_spread_and_holm_does_not():
    shares = dunnett.table(4000)
    steady, uneven, power = zip(*shares.values(), strict=True)
    assert list(shares) == ["Dunnett, unpaired (scipy)", "Dunnett, seeds as blocks", "Holm, paired t"]
    assert steady[1] < 0.065  # blocks are right where all spreads are one
    assert uneven[1] > 0.12  # and wrong three times too often where they are not
    assert max(steady[2], uneven[2]) < 0.06
    assert power[0] < power[2] < power[1]


def test_the_unpaired_rule_is_that_of_scipy():
    assert dunnett.agrees_with_scipy(np.random.default_rng(0))
