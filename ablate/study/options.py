"""How a study is run: the keys of `sweep` in our own config, and of `hydra.sweeper` in any other program's."""

from dataclasses import dataclass, fields
from typing import Any, Literal

from omegaconf import DictConfig, OmegaConf

from ablate.config import schema
from ablate.config.errors import UserError
from ablate.config.plain import part
from ablate.records.attempt import settled
from ablate.records.run_record import RunRecord
from ablate.study.home import THEIRS, home_of


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


@dataclass(frozen=True)
class ProgramOptions:
    """What only a program that knows nothing of us is asked for."""

    metric: str | None
    direction: Literal["maximize", "minimize"] | None
    unit: str | None
    margin: float | None
    ignore: list  # keys in which runs may differ and be the same run
    resume: dict  # key -> file in the run's folder, for a run that goes on
    wandb: dict  # what of W&B -> the program's own key for it
    dir: str | None
    check: bool
    tune_metric: str | None  # what tuning chooses by; None: the metric itself


AT_LEAST = {"sweep.crash_retries": 0, "sweep.seeds": 1, "sweep.tune_seeds": 1}
BELOW = {"sweep.tune_seeds": 10_001}
OF_WANDB = ("group", "job_type", "name", "tags", "project", "entity")
# They need metrics and keys that only our own training is known to have. What works instead:
OURS_ALONE = {"budget": ("epochs", "leave it out")}


def sweep_options(config: DictConfig, sweeper: DictConfig | None = None) -> Sweep:
    """The keys of `sweep`, or of `sweeper`, which a job's config has not. UserError with all that is wrong."""
    sweeper = config.hydra.sweeper if sweeper is None else sweeper
    if not home_of(sweeper).is_ours:
        return Sweep(**checked(sweeper, Sweep))
    given = config.get("sweep")
    options = part(config, "sweep") if isinstance(given, DictConfig) else given
    if wrong := schema.problems({"sweep": options}, Options, AT_LEAST):
        raise UserError(*wrong)
    if wrong := schema.outside("sweep.tune_seeds", options["tune_seeds"], {}, BELOW):
        raise UserError(*wrong)
    return Sweep(**options)


def program_options(sweeper: DictConfig) -> ProgramOptions:
    """The other keys of `hydra.sweeper`. UserError with all that is wrong."""
    return ProgramOptions(**checked(sweeper, ProgramOptions))


def checked(sweeper: DictConfig, kind: type) -> dict[str, Any]:
    """Those keys of `hydra.sweeper` that are fields of `kind`."""
    found: Any = OmegaConf.to_container(sweeper, resolve=True)
    given = {one.name: found[one.name] for one in fields(kind)}
    bounds = {key.replace("sweep.", f"{THEIRS}."): least for key, least in AT_LEAST.items()}
    if wrong := schema.problems(given, kind, bounds, f"{THEIRS}."):
        raise UserError(*wrong)
    if kind is ProgramOptions and (unknown := [key for key in given["wandb"] if key not in OF_WANDB]):
        raise UserError(f"{THEIRS}.wandb: {unknown[0]} is nothing of a run; {', '.join(OF_WANDB)} are")
    for key, (only, instead) in OURS_ALONE.items():
        if given.get(key, only) != only:
            raise UserError(f"{THEIRS}.{key}: only for ablate.train; {instead}")
    return given
