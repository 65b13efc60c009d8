"""Train one configured model, or with -m a study:  python -m ablate.train [-m] [axis=choice ...]"""

from omegaconf import DictConfig

from ablate.config import hydra_versions
from ablate.config.errors import UserError
from ablate.study.job import ALONE


@hydra_versions.main("config")
def job(cfg: DictConfig) -> None:
    """Never called: the sweeper records its runs, and each trains `hydra.sweeper.experiment`."""
    raise UserError(ALONE)
