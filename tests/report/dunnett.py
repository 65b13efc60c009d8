"""Why the arms against a baseline are adjusted by Holm and not by Dunnett: made-up studies of known truth.

    python tests/report/dunnett.py [REPEATS]      prints the table

Six arms and their baseline, five seeds, no arm with an effect. All runs of a seed share a part (sd 0.2 points).
Dunnett's test knows the distribution of the largest of the differences, but for independent runs of one variance;
`scipy.stats.dunnett` is that. For runs paired by seed the same table applies to a two-way layout with its pooled
residual, if all differences have one variance. Holm over paired t tests assumes neither.
"""

import sys

import numpy as np
from scipy import stats

from ablate.report.numbers.paired import ALPHA, estimate, holm

ARMS, SEEDS, SHARED, OWN = 6, 5, 0.002, 0.001
STEADY = np.ones(1 + ARMS)  # sd of each arm's own part, in units of OWN; the baseline first
UNEVEN = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 3.0])  # one arm that trains badly is less steady


def studies(spread: np.ndarray, repeats: int, rng: np.random.Generator, effect: float = 0.0) -> np.ndarray:
    """Accuracies, (repeats, baseline and arms, seeds); the first arm is better by `effect`."""
    shared = SHARED * rng.standard_normal((repeats, 1, SEEDS))
    own = OWN * spread[:, None] * rng.standard_normal((repeats, 1 + ARMS, SEEDS))
    means = np.zeros((1 + ARMS, 1))
    means[1] = effect
    return means + shared + own


def critical(df: int, rng: np.random.Generator, draws: int = 400_000) -> float:
    """The edge of Dunnett's two-sided test: 95 % of the largest of ARMS t values with one denominator."""
    normal = rng.standard_normal((draws, 1 + ARMS))
    scale = np.sqrt(rng.chisquare(df, draws) / df)
    largest = np.abs((normal[:, 1:] - normal[:, :1]) / np.sqrt(2)).max(1) / scale
    return float(np.quantile(largest, 1 - ALPHA))


def unpaired(values: np.ndarray, edge: float) -> np.ndarray:
    """scipy.stats.dunnett: runs as independent samples -> which differences it sees, (repeats, arms)."""
    pooled = np.sqrt(values.var(-1, ddof=1).mean(-1))
    return np.abs(values[:, 1:].mean(-1) - values[:, :1].mean(-1)) > edge * pooled[:, None] * np.sqrt(2 / SEEDS)


def blocked(values: np.ndarray, edge: float) -> np.ndarray:
    """Dunnett with the seeds as blocks: the residual of arms and seeds, pooled over all arms."""
    residual = (
        values
        - values.mean(-1, keepdims=True)
        - values.mean(1, keepdims=True)
        + values.mean((1, 2), keepdims=True)
    )
    pooled = np.sqrt(np.square(residual).sum((1, 2)) / (ARMS * (SEEDS - 1)))
    return np.abs(values[:, 1:].mean(-1) - values[:, :1].mean(-1)) > edge * pooled[:, None] * np.sqrt(2 / SEEDS)


def paired_holm(values: np.ndarray) -> np.ndarray:
    """What the report does."""
    return holm(estimate(values[:, 1:] - values[:, :1], margin=0.0).p) < ALPHA


def table(repeats: int) -> dict[str, list[float]]:
    """Method -> studies with a wrong difference (steady arms, uneven arms), how often a true one is seen; in 0..1.

    The true one is 0.4 points, in steady arms.
    """
    rng = np.random.default_rng(4)
    edges = [critical((1 + ARMS) * (SEEDS - 1), rng), critical(ARMS * (SEEDS - 1), rng)]
    nulls = [studies(spread, repeats, rng) for spread in (STEADY, UNEVEN)]
    true = studies(STEADY, repeats, rng, effect=0.004)
    methods = {
        "Dunnett, unpaired (scipy)": lambda values: unpaired(values, edges[0]),
        "Dunnett, seeds as blocks": lambda values: blocked(values, edges[1]),
        "Holm, paired t": paired_holm,
    }
    return {
        name: [*(float(sees(null).any(1).mean()) for null in nulls), float(sees(true)[:, 0].mean())]
        for name, sees in methods.items()
    }


def agrees_with_scipy(rng: np.random.Generator) -> bool:
    """Is `unpaired` what scipy decides? On studies near its edge."""
    edge = critical((1 + ARMS) * (SEEDS - 1), rng)
    for values in studies(STEADY, 5, rng, effect=0.004):
        p = stats.dunnett(*values[1:], control=values[0], rng=rng).pvalue
        if (np.abs(p - ALPHA) > 0.005).all() and not np.array_equal(p < ALPHA, unpaired(values[None], edge)[0]):
            return False
    return True


if __name__ == "__main__":
    print(f"{'':28} wrong, steady  wrong, uneven  true one seen")
    for method, shares in table(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000).items():
        print(f"{method:28}" + "".join(f"{100 * share:13.2f} %" for share in shares))
