"""hydra/sweeper=ablate: every run checked before the first begins, named by its identity, done once.

Hydra imports this module at each start: nothing heavy at its top.
"""

import sys
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override


@dataclass
class AblateSweeperConf:
    _target_: str = "hydra_plugins.ablate_sweeper.sweeper.AblateSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] = field(default_factory=dict)


ConfigStore.instance().store(group="hydra/sweeper", name="ablate", node=AblateSweeperConf, provider="ablate")


class AblateSweeper(BasicSweeper):
    """BasicSweeper's grid; the study it makes is planned by ablate.study and judged by its records."""

    def sweep(self, arguments: list[str]) -> Any:
        from ablate.cli import quote_choices
        from ablate.study import Study

        assert self.config is not None
        assert self.launcher is not None
        assert self.hydra_context is not None
        loader = self.hydra_context.config_loader
        overrides = OverridesParser.create(loader).parse_overrides(quote_choices(self._parse_config()) + arguments)
        (grid,) = self.split_arguments(overrides, None)
        study = Study(self.config, grid, swept(overrides), loader.load_sweep_config)
        waiting = study.begin()
        size = self.max_batch_size or len(waiting)
        for first in range(0, len(waiting), size or 1):
            batch = [[*run.overrides, *study.place(run)] for run in waiting[first : first + size]]
            self.launcher.launch(batch, initial_job_idx=first)
        if study.end():
            sys.exit(3)
        return None


def swept(overrides: list[Override]) -> list[str]:
    """Keys with several values in them, in the order given; later words win, as in the grid."""
    last = {o.get_key_element().lstrip("+").split("@")[0]: o.is_sweep_override() for o in overrides}
    return [key for key, several in last.items() if several]
