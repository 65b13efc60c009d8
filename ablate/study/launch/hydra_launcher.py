"""What we ask of Hydra's launchers."""

from collections.abc import Sequence
from typing import Any, Protocol

from hydra.core.utils import JobReturn
from omegaconf import DictConfig

Batch = list[list[str]]  # the overrides of each run


class HydraLauncher(Protocol):
    """What we use of Hydra's launchers. All have `launch` and `config`; the rest only the one that is named."""

    config: DictConfig
    params: dict[str, Any]  # submitit's
    ray_cfg: DictConfig  # ray's
    workers: int  # ours
    threads: int  # ours
    is_fresh: bool  # ours
    can_fork: bool  # ours

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]: ...

    def warm(self, modules: Sequence[str]) -> None:
        """Ours."""
