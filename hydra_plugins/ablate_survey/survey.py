"""hydra/sweeper=survey: hands the task all the runs that a command asks for, checked, and launches none.

For commands that look at a study before it is trained (ablate.audit, ablate.cost). Hydra imports this module at
each start: nothing heavy at its top.
"""

from dataclasses import dataclass, field
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.types import HydraContext
from omegaconf import DictConfig


@dataclass
class SurveyConf:
    _target_: str = "hydra_plugins.ablate_survey.survey.Survey"
    max_batch_size: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    experiment: str = "ablate.train.experiment.VisionTransformer"
    whole: bool = False


ConfigStore.instance().store(group="hydra/sweeper", name="survey", node=SurveyConf, provider="ablate")


class Survey(BasicSweeper):
    """The runs of a study, composed and checked; if `whole`, with what its design leaves out.

    The task is called once, with two lists of ablate.study.runs.Run: the runs, and those that were asked for under
    another name but are a run of the first list to the letter.
    """

    def __init__(self, *, whole: bool, experiment: str, **basic: Any) -> None:
        super().__init__(**basic)
        self.whole, self.experiment = whole, experiment

    def setup(self, *, hydra_context: HydraContext, task_function: Any, config: DictConfig) -> None:
        self.hydra_context, self.task, self.config = hydra_context, task_function, config  # and no launcher

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.config.errors import UserError
        from ablate.study import experiment
        from ablate.study.options import sweep_options
        from ablate.study.runs import compose_all
        from hydra_plugins.ablate_sweeper.sweeper import grid_of

        assert self.hydra_context is not None
        config, loader = self.config, self.hydra_context.config_loader
        grid = grid_of(self, arguments)
        rows, *_ = grid.asked(sweep_options(config))
        rows = grid.rows if self.whole else rows

        def load(words: list[str]) -> DictConfig:
            return loader.load_sweep_config(config, words)

        ours = experiment.find(self.experiment)
        runs, problems = compose_all(rows, grid.axes, load, ours)
        if problems:
            raise UserError(*problems)
        kept = [run.overrides for run in runs]
        twins = [
            run for words in rows if words not in kept for run in compose_all([words], grid.axes, load, ours)[0]
        ]
        return self.task(runs, twins)
