"""hydra/sweeper=ablate: every run checked before the first begins, named by its identity, done once.

In any Hydra program: `python train.py -m model=a,b seed=1,2,3 hydra/sweeper=ablate hydra.sweeper.metric=test/acc`.
Hydra imports this module at the start of every program of the environment: nothing heavy at its top.
"""

import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from ablate.config.hydra_versions import store

if TYPE_CHECKING:
    from ablate.study.launch.hydra_launcher import HydraLauncher
    from ablate.study.runs import Run
    from ablate.study.study import Study


@dataclass
class AblateSweeperConf:
    """Options of a study of any program; ablate/study/options.py has their types, and says what is wrong."""

    _target_: str = "hydra_plugins.ablate_sweeper.sweeper.AblateSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    metric: Any = None  # the number that decides; null: the one that the function returns
    direction: Any = None  # maximize | minimize; null: as a well-known name says
    unit: Any = None  # what a difference is counted in
    margin: Any = None  # a difference below it does not matter
    seed: Any = "seed"  # the key of the program's seed
    seeds: Any = None  # how many, from 1; auto adds seeds until every pair of arms is decided
    seeds_min: Any = 3
    seeds_step: Any = 3
    seeds_max: Any = 12
    name: Any = None  # of the study; null names it after its swept axes
    dir: Any = None  # of its runs; null: hydra.sweep.dir if that is stable, else runs/NAME
    ignore: Any = field(default_factory=list)  # keys in which runs may differ and be the same run
    resume: Any = field(default_factory=dict)  # key -> file in a run's folder, given to a run that goes on
    wandb: Any = field(default_factory=dict)  # group, name, tags, job_type -> the program's own key for it
    design: Any = "full"
    zip: Any = None
    fresh: Any = False
    retry_failed: Any = True
    fail_fast: Any = False
    crash_retries: Any = 1
    check: Any = False  # repeats one run first: is it the same again, and does the seed change it?
    tune: Any = None  # {lr: [0.1, 0.2]}: chosen for each cell before the study is done with them
    tune_seeds: Any = 2  # over so many seeds that the verdict does not use
    tune_metric: Any = None  # by what; null: the metric itself
    budget: Any = "epochs"  # others for ablate.train alone
    experiment: Any = None  # dotted path of what is trained in place of the function
    audit: Any = None  # dotted path of what looks at the runs before they begin
    inspect: Any = None  # and of what looks into them after the last
    options: Any = "hydra.sweeper"  # the node that holds these options
    run: Any = None  # filled in, for the job of each run


# A plain node: a project may have set keys of another sweeper, such as Optuna's, which are named and not read.
# Of the command line Hydra refuses them.
NODE = OmegaConf.create({"defaults": [{"sampler": None}], **asdict(AblateSweeperConf())})
for own_keys in (NODE.params, NODE.resume, NODE.wandb):
    OmegaConf.set_struct(own_keys, False)  # the keys in them are the program's
store("hydra/sweeper", "ablate", NODE)


KNOWN = {*asdict(AblateSweeperConf()), "sampler"}


class AblateSweeper(Sweeper):
    """Plans a study and has its runs launched until none is due; their records judge them.

    Whoever needs the options reads them from the config, in this process and in those of the runs.
    """

    config: DictConfig
    hydra_context: HydraContext
    launcher: Launcher

    def __init__(self, *, max_batch_size: int | None, params: dict[str, str] | None, **options: Any) -> None:
        self.max_batch_size, self.params = max_batch_size, params or {}  # a command may take a project's away

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        from ablate.config import cli
        from ablate.config.loader import remembering
        from ablate.study.launch.launchers import isolated, refuse_none
        from ablate.study.recorded import Recorded

        self.config, self.hydra_context = config, remembering(hydra_context, config)
        with cli.exits():
            refuse_none(config.hydra)
            is_fresh = isolated(config)
            self.launcher = Plugins.instance().instantiate_launcher(
                hydra_context=self.hydra_context, task_function=Recorded(task_function), config=config
            )
        self.starts = cast("HydraLauncher", self.launcher)  # with the names that only some launchers have
        self.starts.is_fresh = is_fresh

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.config import cli
        from ablate.study.design.combinations import grid_of
        from ablate.study.launch.launchers import calls
        from ablate.study.naming import axes_before
        from ablate.study.program import experiment
        from ablate.study.stages import Command

        loader = self.hydra_context.config_loader
        with cli.exits():
            if strangers := [key for key in self.config.hydra.sweeper if key not in KNOWN]:
                print(f"hydra.sweeper: {', '.join(strangers)}: of another sweeper, not read", flush=True)
            trains = experiment.of(self.config.hydra.sweeper)
            grid = grid_of(self.config, loader, self.params, arguments, axes_before(self.config))
            call = calls(self.starts, trains.preload)
            try:
                unfinished = Command(self.config, grid, loader.load_sweep_config, trains, call).carry_out(
                    self.rounds
                )
            finally:
                call.close()
            if unfinished:
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
                    launch(self.starts, jobs, first, study.share, study.file.stop)
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
