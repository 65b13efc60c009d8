"""hydra/sweeper=survey: hands the task all the runs that a command asks for, checked, and launches none.

For commands that look at a study before it is trained (ablate.audit, ablate.cost). Hydra imports this module at
each start: nothing heavy at its top.
"""

from dataclasses import dataclass, field
from typing import Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext
from omegaconf import DictConfig

from ablate.config.hydra_versions import store


@dataclass
class SurveyConf:
    _target_: str = "hydra_plugins.ablate_survey.survey.Survey"
    params: dict[str, str] = field(default_factory=dict)
    experiment: str = "ablate.train.experiment.VisionTransformer"
    whole: bool = False


store("hydra/sweeper", "survey", SurveyConf)


class Survey(Sweeper):
    """The runs of a study, composed and checked; if `whole`, with what its design leaves out.

    The task is called once, with two lists of ablate.study.runs.Run: the runs, and those that were asked for under
    another name but are the same as a run of the first list.
    """

    config: DictConfig
    hydra_context: HydraContext
    launcher = None

    def __init__(self, *, params: dict[str, str], experiment: str, whole: bool) -> None:
        self.params, self.experiment, self.whole = params, experiment, whole

    def setup(self, *, hydra_context: HydraContext, task_function: Any, config: DictConfig) -> None:
        from ablate.config.loader import remembering

        self.hydra_context, self.task, self.config = remembering(hydra_context, config), task_function, config

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.config import interrupted
        from ablate.config.errors import UserError
        from ablate.study import experiment
        from ablate.study.design.combinations import grid_of
        from ablate.study.options import sweep_options
        from ablate.study.runs import compose_all

        config, loader = self.config, self.hydra_context.config_loader
        grid = grid_of(config, loader, self.params, arguments)
        rows, *_ = grid.asked(sweep_options(config))
        rows = grid.rows if self.whole else rows
        ours = experiment.find(self.experiment)

        def load(words: list[str]) -> DictConfig:
            return loader.load_sweep_config(config, words)

        runs, problems = compose_all(rows, grid.axes, load, ours)
        if problems:
            raise UserError(*problems)
        kept = [run.overrides for run in runs]
        twins = [
            run for words in rows if words not in kept for run in compose_all([words], grid.axes, load, ours)[0]
        ]
        interrupted.look()
        return self.task(runs, twins)
