"""The keys of `sweep`: how a study is run."""

from dataclasses import dataclass
from typing import Literal

from omegaconf import DictConfig

from ablate.config import schema
from ablate.config.errors import UserError
from ablate.config.plain import part
from ablate.records.attempt import settled
from ablate.records.run_record import RunRecord


@dataclass(frozen=True)
class Sweep:
    fresh: bool
    retry_failed: bool
    fail_fast: bool
    crash_retries: int
    design: Literal["full", "one_at_a_time", "fraction"]
    zip: list | None
    seeds: int | Literal["auto"] | None
    seeds_min: int
    seeds_max: int
    seeds_step: int
    tune: dict | list | str | None
    tune_seeds: int
    budget: Literal["epochs", "flops", "seconds"]
    run: str | None

    def settles(self, found: RunRecord | None, turn: int) -> bool:
        """Whether a run with this record needs no attempt of the command `turn`."""
        return settled(found, turn, fresh=self.fresh, retry_failed=self.retry_failed)


@dataclass(frozen=True)
class Options:
    sweep: Sweep


AT_LEAST = {"sweep.crash_retries": 0, "sweep.seeds": 1, "sweep.tune_seeds": 1}
BELOW = {"sweep.tune_seeds": 10_001}


def sweep_options(config: DictConfig) -> Sweep:
    """The keys of `sweep`. UserError with all that is wrong."""
    given = config.get("sweep")
    options = part(config, "sweep") if isinstance(given, DictConfig) else given
    if wrong := schema.problems({"sweep": options}, Options, AT_LEAST):
        raise UserError(*wrong)
    if wrong := schema.outside("sweep.tune_seeds", options["tune_seeds"], {}, BELOW):
        raise UserError(*wrong)
    return Sweep(**options)
