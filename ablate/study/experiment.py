"""The seam: all that a study asks of a training. What is trained, and how, is up to the experiment.

`hydra.sweeper.experiment` names the experiment by the dotted path of a class without arguments. Ours is
ablate.train.experiment.VisionTransformer; where none is named it is the program's own function
(ablate/study/program/experiment.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from ablate.config.check import Keys
from ablate.config.locate import locate
from ablate.records.attempt import Attempt
from ablate.records.run_record import Config

__all__ = ["Attempt", "Config", "DryBuild", "Experiment", "find"]  # all that an experiment needs


@dataclass(frozen=True)
class DryBuild:
    """The result of building a config: what is wrong, a line each, and the axes that the model does not read.

    `part` is the key of the part of the config that refused, such as `pos`, where that is known. `step_flops` is
    what a training step takes, None where it cannot be counted.
    """

    problems: list[str] = field(default_factory=list)
    unread: tuple[str, ...] = ()
    part: str | None = None
    step_flops: float | None = None


class Experiment(Protocol):
    """What a study knows of what it trains."""

    @property
    def keys(self) -> Keys | None:
        """Types of the config's fixed keys, and which keys a run reads; None leaves all keys unchecked."""

    @property
    def preload(self) -> tuple[str, ...]:
        """Modules that every run imports; a launcher may import them once for all its runs."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the numbers that a run measures: null in its record until it has them."""

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of what a record says of the cost of a run."""

    def dry_build(self, config: Config) -> DryBuild:
        """Builds what `config` describes, as cheaply as can be, and trains nothing. Raises nothing."""

    def content(self, config: Config) -> dict[str, str]:
        """Digests of what a run reads and `config` names only by its place, by key; {} where it says it all.

        Runs with other content are other runs. Raises ValueError, one line, where it cannot be read.
        """

    def prepare(self, configs: Iterable[Config]) -> None:
        """Does once what all these runs need, such as to fetch data. Raises CannotStart with what to do."""

    def flops(self, config: Config) -> float | None:
        """FLOPs of training with one example, forward and backward; None where that is not known."""

    def train(self, config: Config, attempt: Attempt) -> None:
        """The whole run, from where it was stopped: fills metrics, cost and versions of `attempt.record`.

        What it raises is the run's failure; Stopped (from `pause`) is none.
        """


def find(path: str) -> Experiment:
    """The experiment that a dotted path names. Raises UserError when there is none."""
    made: Experiment = locate(path, key="hydra.sweeper.experiment")()
    return made
