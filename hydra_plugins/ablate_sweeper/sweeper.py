"""hydra/sweeper=ablate: every run checked before the first begins, named by its identity, done once.

Hydra imports this module at each start: nothing heavy at its top.
"""

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

if TYPE_CHECKING:
    from ablate.study.design.combinations import Grid
    from ablate.study.runs import Run
    from ablate.study.study import Study


@dataclass
class AblateSweeperConf:
    _target_: str = "hydra_plugins.ablate_sweeper.sweeper.AblateSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    experiment: str = "ablate.train.experiment.VisionTransformer"
    audit: str | None = "ablate.audit.audit.warnings"


ConfigStore.instance().store(group="hydra/sweeper", name="ablate", node=AblateSweeperConf, provider="ablate")


class AblateSweeper(BasicSweeper):
    """BasicSweeper's grid; the study it makes is planned by ablate.study and judged by its records."""

    def __init__(self, *, experiment: str, audit: str | None, **basic: Any) -> None:
        super().__init__(**basic)  # the study reads both from the config, as its jobs do

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.study.stages import Command

        assert self.config is not None
        assert self.launcher is not None
        assert self.hydra_context is not None
        load = self.hydra_context.config_loader.load_sweep_config
        command = Command(self.config, grid_of(self, arguments), load)
        if command.carry_out(self.rounds):
            sys.exit(3)
        return None

    def rounds(self, study: "Study") -> None:
        """Until no run is due: a run whose process died is due again, as are those it took with it."""
        from ablate.study.launch.launchers import is_pool, launch

        first, trouble = 0, None
        while due := study.rounds.due():
            for batch in batches(due, self.max_batch_size, study.rounds.suspects):
                try:
                    launch(self.launcher, [[*run.overrides, *study.place(run)] for run in batch], first)
                except Exception as e:  # the records tell which runs it cost
                    trouble = e
                first += len(batch)
                if not study.rounds.judge(batch, is_pool(self.launcher)):
                    raise trouble or RuntimeError("the launcher started none of its runs")


def batches(runs: list["Run"], size: int | None, suspects: Collection[str]) -> list[list["Run"]]:
    """Runs to launch together; one whose process died goes alone."""
    alone = [[run] for run in runs if run.id in suspects]
    calm = [run for run in runs if run.id not in suspects]
    size = size or max(1, len(calm))
    return [calm[i : i + size] for i in range(0, len(calm), size)] + alone


def grid_of(sweeper: BasicSweeper, arguments: list[str]) -> "Grid":
    """All combinations of the words of a command, and the baseline's choices of its axes."""
    from ablate.config.words import quote_choices
    from ablate.study.design.combinations import Grid

    config, context = sweeper.config, sweeper.hydra_context
    assert config is not None
    assert context is not None
    words = quote_choices(sweeper._parse_config()) + arguments
    overrides = OverridesParser.create(context.config_loader).parse_overrides(words)
    (rows,) = sweeper.split_arguments(overrides, None)
    axes = [axis for axis in swept(overrides) if axis != "seed"]
    chosen = config.hydra.runtime.choices
    baseline = {axis: str(chosen.get(axis, OmegaConf.select(config, axis))) for axis in axes}
    return Grid(rows, axes, baseline, quote_choices)


def swept(overrides: list[Override]) -> list[str]:
    """Keys with several values in them, in the order given; later words win, as in the grid."""
    last = {o.get_key_element().lstrip("+").split("@")[0]: o.is_sweep_override() for o in overrides}
    return [key for key, several in last.items() if several]
