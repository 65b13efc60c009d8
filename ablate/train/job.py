"""Train one configured model, or with -m a study:  python -m ablate.train [-m] [axis=choice ...]"""

import hydra
from omegaconf import DictConfig

from ablate import CONF
from ablate.records.stop import Stopped, pass_on
from ablate.study.job import one_run


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(cfg: DictConfig) -> None:
    """One run of a study; one that was stopped lets submitit know, which may queue it again."""
    try:
        one_run(cfg)
    except Stopped as e:
        pass_on(e.number)
        raise
