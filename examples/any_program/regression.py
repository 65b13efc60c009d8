"""A regression with its error, as people write it who do not know of ablate: it returns its rmse.

    python examples/any_program/regression.py -m model=line,curve seed=1,2,3

Its config says `override hydra/sweeper: ablate` and `metric: rmse`; its code says nothing of ablate. Without `-m`
it is the same program as before.
"""

import hydra
import numpy as np
from omegaconf import DictConfig


@hydra.main(version_base="1.3", config_path="conf", config_name="regression")
def main(cfg: DictConfig) -> dict[str, float]:
    """Fits a polynomial to noisy points, and tells its error on others."""
    draw = np.random.default_rng(cfg.seed)
    x = draw.uniform(-1, 1, size=(2, cfg.samples))
    y = np.sin(2 * x) + cfg.noise * draw.normal(size=x.shape)
    features = x[..., None] ** np.arange(cfg.model.degree + 1)
    left, right = features[0].T @ features[0], features[0].T @ y[0]
    weights = np.linalg.solve(left + cfg.model.ridge * np.eye(len(left)), right)
    error = features[1] @ weights - y[1]
    return {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(np.abs(error)))}


if __name__ == "__main__":
    main()
