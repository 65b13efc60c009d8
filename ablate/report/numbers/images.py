"""What the seeds cannot see: the test images are a sample too."""

import numpy as np
import pandas as pd

from ablate.report.numbers.paired import estimate, holm

CHUNK = 100  # resamples at a time: 100 x 10,000 weights are 4 MB


def bootstrap(differences: np.ndarray, resamples: int = 2000, seed: int = 0) -> np.ndarray:
    """95 % intervals over seeds and images, (K, S, I) differences in correctness -> (K, 2).

    Seeds and images are drawn with replacement, independently of each other, and each draw serves all K
    contrasts (the pigeonhole bootstrap, Owen 2007, which is a little wide rather than narrow). A draw of S
    seeds has a variance (S - 1) / S too small, much with few seeds: their deviations are stretched to make
    up for it. With one seed the interval is that of the images alone.
    """
    contrasts, seeds, images = differences.shape
    centre = differences.mean(1, keepdims=True)
    stretched = centre + (differences - centre) * np.sqrt(seeds / max(1, seeds - 1))
    flat = stretched.reshape(-1, images).astype(np.float32)  # (K S, I)
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(0, resamples, CHUNK):
        image = rng.multinomial(images, np.full(images, 1 / images), size=CHUNK).astype(np.float32)
        means = (image @ flat.T / images).reshape(CHUNK, contrasts, seeds)
        draws.append(
            np.einsum("rks,rs->rk", means, rng.multinomial(seeds, np.full(seeds, 1 / seeds), CHUNK) / seeds)
        )
    return np.quantile(np.concatenate(draws), [0.025, 0.975], axis=0).T


def per_class(differences: np.ndarray, label: np.ndarray) -> pd.DataFrame:
    """One contrast's differences in correctness, (S, I), by the images' true class -> a row a class.

    Mean and t interval over the seeds, Holm over the classes.
    """
    classes = np.unique(label)
    by_class = np.stack([differences[:, label == c].mean(1) for c in classes])  # (classes, S)
    frame = pd.DataFrame({"class": classes, "images": [(label == c).sum() for c in classes]})
    found = estimate(by_class, margin=0.0)
    return frame.assign(mean=found.mean, low=found.low, high=found.high, p=found.p, p_holm=holm(found.p))
