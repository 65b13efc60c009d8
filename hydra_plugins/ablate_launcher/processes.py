"""hydra/launcher=processes: runs in processes of their own, so that none can end the study or another run.

Hydra imports this module at the start of every program of the environment: nothing heavy at its top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from ablate.config.hydra_versions import store


@dataclass
class ProcessesConf:
    _target_: str = "hydra_plugins.ablate_launcher.processes.ProcessesLauncher"
    workers: Any = "auto"  # runs at once; auto: what suits the size of a step and this machine


store("hydra/launcher", "processes", ProcessesConf)


class ProcessesLauncher(Launcher):
    """`workers` runs at once, of whatever task Hydra hands it. A run whose process died is a failed job."""

    def __init__(self, workers: int | str) -> None:
        if workers != "auto" and (not isinstance(workers, int) or workers < 1):
            from ablate.config.errors import UserError

            raise UserError(
                f"hydra.launcher.workers={workers}: not how many runs at once; auto or 1 or more works"
            )
        self.is_automatic = not isinstance(workers, int)
        self.workers = 1 if isinstance(workers, str) else workers
        self.threads = 1  # of each; the study sets both once it knows its runs
        self.is_fresh = False  # a process for each run: what a program leaves behind ends with it

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task, self.config = hydra_context, task_function, config

    @property
    def can_fork(self) -> bool:
        """Whether processes are forked from a server, which has made their imports, on this system."""
        from ablate.study.launch.process import CONTEXT

        return bool(CONTEXT.get_start_method() == "forkserver")

    def warm(self, modules: Sequence[str]) -> None:
        """Starts the server of processes, which imports these modules while the study is still planned."""
        from ablate.study.launch import pool

        pool.warm(modules)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablate.study.launch import pool

        return pool.launch(self, job_overrides, initial_job_idx)
