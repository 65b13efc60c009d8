"""Could the other axes of a study narrow the interval between the two arms of an axis? A bound.

    python tests/report/two_arms.py [SEEDS]      prints a line

A seed's runs of one arm may share a part (an initialisation, an order that suits it). It enlarges the variance of
a difference by a factor of one or more, and no run of another axis shows that factor: only the difference itself
does, with S - 1 degrees of freedom. Suppose that all else is known exactly, the variance without the part too, and
that a rule may choose any width for each variance that is seen. The narrowest such rule that covers with 95 % for
every factor, found by convex optimisation over widths in bins, is compared with the paired t.
"""

import sys

import numpy as np
from scipy import stats
from scipy.optimize import minimize

FACTORS = np.array([1, 1.5, 2, 3, 4, 5, 7, 10, 15, 25, 50])
EDGES = np.concatenate(
    [[0], np.geomspace(0.01, 400, 45)]
)  # of the variance seen, in units of that without the part


def narrowest(seeds: int, least: float = 0.95) -> tuple[float, np.ndarray]:
    """The mean width without the part, against that of the paired t, and the coverage by factor."""
    df = seeds - 1
    middle = np.sqrt(np.maximum(EDGES[:-1], 0.003) * EDGES[1:])
    chance = np.array([np.diff(stats.chi2.cdf(EDGES * df / factor, df)) for factor in FACTORS])
    root = np.sqrt(FACTORS)[:, None]

    def cover(half: np.ndarray) -> np.ndarray:
        return (chance * (2 * stats.norm.cdf(half / root) - 1)).sum(1)

    def slope(half: np.ndarray) -> np.ndarray:
        return chance * 2 * stats.norm.pdf(half / root) / root

    paired = stats.t.ppf(0.975, df) * np.sqrt(middle)
    found = minimize(
        lambda half: chance[0] @ half,
        np.maximum(paired, 1.5),
        jac=lambda half: chance[0],
        bounds=[(0, 100)] * len(middle),
        constraints=[{"type": "ineq", "fun": lambda half: cover(half) - least, "jac": slope}],
        method="SLSQP",
        options={"maxiter": 500},
    )
    assert found.success, found.message
    return float(chance[0] @ found.x / (chance[0] @ paired)), cover(found.x)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    width, covers = narrowest(number)
    least = f"covers with {100 * covers.min():.1f} % or more, whatever the factor"
    print(f"{number} seeds: the narrowest rule that {least}, has x{width:.2f} the mean width of the paired t")
