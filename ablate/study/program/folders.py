"""Where the runs of somebody else's program go."""

from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ablate.records import record
from ablate.study.program import places

RUNS = "runs"


def of_study(config: DictConfig, name: str) -> Path:
    """`hydra.sweeper.dir`; else Hydra's own folder of sweeps, where that is the same each time; else runs/NAME.

    Hydra's default has the time in it, so that nothing in it would ever be found again.
    """
    given = config.hydra.sweeper.dir
    own = stable(config) if given is None else Path(str(given))
    if own is None:
        return Path(RUNS, name)
    return own / name if of_another(own, name) else own


def stable(config: DictConfig) -> Path | None:
    """`hydra.sweep.dir`, if it does not depend on the time."""
    try:
        with places.current(config):
            here = str(config.hydra.sweep.dir)
            moved = config.copy()
            OmegaConf.clear_cache(moved)
            with places.other_time():
                then = str(moved.hydra.sweep.dir)
    except OmegaConfBaseException:  # made of what only a job knows
        return None
    return Path(here) if here == then else None


def of_another(folder: Path, name: str) -> bool:
    """Whether the runs of a study of another name are there."""
    try:
        return record.read_plan(folder).study not in (None, name)
    except (OSError, ValueError):
        return False
