"""Train one configured model, or with -m a study:  python -m ablate.train [-m] [axis=choice ...]"""

from omegaconf import DictConfig

from ablate.config import hydra_versions
from ablate.records.stop import Stopped, pass_on
from ablate.study.job import one_run


@hydra_versions.main("config")
def job(cfg: DictConfig) -> None:
    """One run of a study; one that was stopped lets submitit know, which may queue it again."""
    try:
        one_run(cfg)
    except Stopped as e:
        pass_on(e.number)
        raise
