"""hydra/sweeper=ablate: every run checked before the first begins, named by its identity, done once.

Hydra imports this module at each start: nothing heavy at its top.
"""

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from ablate.config.hydra_versions import store

if TYPE_CHECKING:
    from ablate.study.launch.launchers import HydraLauncher
    from ablate.study.runs import Run
    from ablate.study.study import Study


@dataclass
class AblateSweeperConf:
    _target_: str = "hydra_plugins.ablate_sweeper.sweeper.AblateSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    experiment: str = "ablate.train.experiment.VisionTransformer"
    audit: str | None = "ablate.audit.audit.warnings"


store("hydra/sweeper", "ablate", AblateSweeperConf)


class AblateSweeper(Sweeper):
    """Plans a study and has its runs launched until none is due; their records judge them.

    Whoever needs `experiment` and `audit` reads them from the config, in this process and in those of the runs.
    """

    config: DictConfig
    hydra_context: HydraContext
    launcher: Launcher

    def __init__(
        self, *, max_batch_size: int | None, params: dict[str, str], experiment: str, audit: str | None
    ) -> None:
        self.max_batch_size, self.params = max_batch_size, params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        from ablate.study.launch.launchers import refuse_none

        self.config, self.hydra_context = config, hydra_context
        refuse_none(config.hydra)
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )
        self.starts = cast("HydraLauncher", self.launcher)  # with the names that only some launchers have

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.config.output import forgiving
        from ablate.study import experiment
        from ablate.study.design.combinations import grid_of
        from ablate.study.launch.launchers import warm
        from ablate.study.stages import Command

        loader = self.hydra_context.config_loader
        warm(self.starts, experiment.find(self.config.hydra.sweeper.experiment).preload)
        grid = grid_of(self.config, loader, self.params, arguments)
        with forgiving():  # their program may have been started without our command line
            if Command(self.config, grid, loader.load_sweep_config).carry_out(self.rounds):
                sys.exit(3)
        return None

    def rounds(self, study: "Study") -> None:
        """Until no run is due: a run whose process died is due again, as are those it took with it."""
        from ablate.study.launch.launchers import is_pool, launch
        from ablate.study.launch.limits import most

        first, trouble = 0, None
        size = min((n for n in (self.max_batch_size, most(self.starts)) if n), default=None)
        while due := study.rounds.due():
            for batch in batches(due, size, study.rounds.suspects):
                try:
                    jobs = [[*run.overrides, *study.place(run)] for run in batch]
                    launch(self.starts, jobs, first, study.share)
                except Exception as e:  # the records show which runs it cost
                    trouble = e
                first += len(batch)
                if not study.rounds.judge(batch, is_pool(self.starts)):
                    raise trouble or RuntimeError("the launcher started none of its runs")


def batches(runs: list["Run"], size: int | None, suspects: Collection[str]) -> list[list["Run"]]:
    """Runs to launch together; one whose process died goes alone."""
    alone = [[run] for run in runs if run.id in suspects]
    calm = [run for run in runs if run.id not in suspects]
    size = size or max(1, len(calm))
    return [calm[i : i + size] for i in range(0, len(calm), size)] + alone
