"""The keys of `sweep`: how a study is run."""

from dataclasses import dataclass
from typing import Any, Literal

from omegaconf import DictConfig

from ablate.config import schema
from ablate.config.errors import UserError
from ablate.config.plain import part


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
    tune: dict | str | None
    tune_seeds: int
    budget: Literal["epochs", "flops", "seconds"]
    run: str | None


@dataclass(frozen=True)
class Options:
    sweep: Sweep


AT_LEAST = {"sweep.crash_retries": 0, "sweep.tune_seeds": 1}


def sweep_options(config: DictConfig) -> dict[str, Any]:
    """The keys of `sweep`. UserError with all that is wrong."""
    options = part(config, "sweep")
    if wrong := schema.problems({"sweep": options}, Options, AT_LEAST):
        raise UserError(*wrong)
    return options
