"""A training loop with a logger and a checkpoint of its own, that returns nothing: ablate.log tells its number.

    python examples/any_program/loop.py -m lr=0.01,0.3 seed=1,2,3

Its config has the rest. A run that was stopped is given its own checkpoint: `resume=.../last.json`.
"""

import json
import random
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

import ablate


@hydra.main(version_base="1.3", config_path="conf", config_name="loop")
def main(cfg: DictConfig) -> None:
    """Gradient descent on a parabola, with noise."""
    here = Path(HydraConfig.get().runtime.output_dir)
    state = json.loads(Path(cfg.resume).read_text()) if cfg.resume else {"step": 0, "w": 5.0}
    for step in range(state["step"], cfg.steps):
        noise = random.Random(f"{cfg.seed} {step}").gauss(0, 0.1)
        state = {"step": step + 1, "w": state["w"] - cfg.lr * (2 * state["w"] + noise)}
        (here / "next.json").write_text(json.dumps(state))
        (here / "next.json").replace(here / "last.json")  # whole, whenever it is stopped
        with open(here / "log.csv", "a") as log:
            print(step, state["w"] ** 2, sep=",", file=log)
        ablate.log({"val/loss": state["w"] ** 2}, step=step + 1)


if __name__ == "__main__":
    main()
