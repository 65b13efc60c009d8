"""What the seeds cannot see: the test images are a sample too."""

import numpy as np
import pandas as pd

from ablate.report.numbers.paired import estimate, holm

Classes = dict[str, pd.DataFrame]  # name of a contrast -> its difference in each class

CHUNK = 100  # resamples at a time: 100 x 10,000 weights are 4 MB


def bootstrap(differences: np.ndarray, resamples: int = 2000, seed: int = 0) -> np.ndarray:
    """95 % intervals over seeds and images, (K, S, I) differences in correctness -> (K, 2).

    Seeds and images are drawn with replacement, independently of each other, and each draw serves all K
    contrasts (the pigeonhole bootstrap, Owen 2007, which is a little wide rather than narrow). A draw of S
    seeds has a variance (S - 1) / S too small, much with few seeds: their deviations are stretched to make
    up for it. With one seed the interval is that of the images alone.
    """
    contrasts, seeds, images = differences.shape
    rng = np.random.default_rng(seed)
    centre = differences.mean(1, keepdims=True)
    stretched = centre + (differences - centre) * np.sqrt(seeds / max(1, seeds - 1))
    flat = stretched.reshape(-1, images).astype(np.float32)  # (K S, I)
    draws = []
    for _ in range(0, resamples, CHUNK):
        means = (_counts(rng, images) @ flat.T / images).reshape(CHUNK, contrasts, seeds)
        draws.append(np.einsum("rks,rs->rk", means, _counts(rng, seeds) / seeds))
    return np.quantile(np.concatenate(draws), [0.025, 0.975], axis=0).T


def _counts(rng: np.random.Generator, n: int) -> np.ndarray:
    """How often each of n things is drawn in each resample of a chunk, (CHUNK, n)."""
    drawn = rng.integers(n, size=(CHUNK, n)) + n * np.arange(CHUNK)[:, None]
    return np.bincount(drawn.ravel(), minlength=CHUNK * n).reshape(CHUNK, n).astype(np.float32)


def per_class(differences: np.ndarray, label: np.ndarray) -> pd.DataFrame:
    """One contrast's differences in correctness, (S, I), by the images' true class -> a row a class.

    Mean and t interval over the seeds, Holm over the classes.
    """
    classes = np.unique(label)
    by_class = np.stack([differences[:, label == c].mean(1) for c in classes])  # (classes, S)
    frame = pd.DataFrame({"class": classes, "images": [(label == c).sum() for c in classes]})
    found = estimate(by_class, margin=0.0)
    return frame.assign(mean=found.mean, low=found.low, high=found.high, p=found.p, p_holm=holm(found.p))


def with_images(
    effects: pd.DataFrame, seeds: list[int], correct: np.ndarray, label: np.ndarray
) -> tuple[pd.DataFrame, Classes]:
    """Adds to each effect its interval over seeds and images, and works out its differences by class.

    `correct`, (seeds, cells, I), is 1 or 0, NaN for a run without predictions; an effect that needs such a
    run stays without both, one with a single seed without the interval, which would be that of the images alone.
    """
    differences: dict[str, np.ndarray] = {}
    for name, used, weights in zip(effects["name"], effects["seeds"], effects["weights"], strict=True):
        cells = np.flatnonzero(weights)
        rows = np.array([seeds.index(s) for s in used], dtype=int)
        part = correct[np.ix_(rows, cells)]  # (S, cells of the contrast, I)
        found = np.einsum("sci,c->si", part, weights[cells].astype(np.float32))
        if used and not np.isnan(found).any():
            differences[name] = found
    intervals: dict[str, np.ndarray] = {}
    for n in {len(found) for found in differences.values()} - {1}:  # one set of draws for all contrasts of n seeds
        alike = {name: found for name, found in differences.items() if len(found) == n}
        intervals |= dict(zip(alike, bootstrap(np.stack(list(alike.values()))), strict=True))
    low_high = np.array([intervals.get(name, [np.nan, np.nan]) for name in effects["name"]]).reshape(-1, 2)
    classes = {name: per_class(found, label) for name, found in differences.items()}
    return effects.assign(low_images=low_high[:, 0], high_images=low_high[:, 1]), classes
