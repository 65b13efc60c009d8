"""One run of a study, in whatever process a launcher gives it."""

from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGTERM
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import TaskFunction
from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.config.output import forgiving
from ablate.config.plain import choices_of, plain
from ablate.config.raised import unwrapped
from ablate.records import attempt, provenance, record, sources, turns
from ablate.records.attempt import Attempt
from ablate.records.claim import claimed
from ablate.records.run_record import Config, RunRecord, label, telling
from ablate.records.stop import Stopped, heeding
from ablate.study.brief import Brief
from ablate.study.experiment import Experiment, find
from ablate.study.home import home_of
from ablate.study.options import Sweep, program_options, sweep_options

ALONE = "this run belongs to no study; hydra/sweeper=ablate and hydra.mode=MULTIRUN are needed to plan one"


@dataclass(frozen=True)
class Job:
    """What a run is asked to be, as its config says it."""

    brief: Brief
    options: Sweep
    study: str
    config: Config
    experiment: Experiment
    code: dict[str, Any]
    checkpoint: str | None  # where our own training goes on


def job_of(cfg: DictConfig, hydra: DictConfig, task: TaskFunction, program: str | None) -> Job:
    """What the study has said to this run. UserError if it is of none."""
    home, options = home_of(hydra.sweeper), sweep_options(cfg, hydra.sweeper)
    if options.run is None:
        raise UserError(ALONE)
    brief = Brief.of_word(options.run)
    named = hydra.sweeper.experiment
    if home.is_ours:
        config = plain(cfg, resolve=True)
        del config["sweep"]["run"]
        code = provenance.code([*sources.targets(config), named])
        return Job(brief, options, config["name"], config, find(named), code, record.CHECKPOINT)
    from ablate.study.program import places
    from ablate.study.program.experiment import Program

    config = places.plain(cfg)
    more = program_options(hydra.sweeper)
    experiment: Experiment = find(named) if named else Program(more, task, cfg, hydra)
    code = provenance.of_program(program, [*sources.targets(config), *([named] if named else [])])
    return Job(brief, options, str(hydra.sweeper.name), config, experiment, code, None)


@forgiving()
def one_run(cfg: DictConfig, task: TaskFunction, program: str | None) -> None:
    """One run of a study, in whatever process the launcher gives it, unless another process has it or did it.

    `program` is the module of `task`, whatever this process calls it.
    """
    now: Any = HydraConfig.get()
    folder = Path(now.runtime.output_dir)
    job = job_of(cfg, now, task, program)
    brief, options, config = job.brief, job.options, job.config
    with claimed(folder) as ours:
        if ours:
            attempt.repair(folder, job.checkpoint)
        found = record.find(folder)
        if not ours or options.settles(found, brief.turn):
            return
        if options.fail_fast and turns.failed_since(folder.parent, brief.turn):
            return
        if options.fresh and found and turns.turn_of(found) < brief.turn:
            attempt.restart(folder, job.checkpoint)
        if job.checkpoint and (other := attempt.other_code(folder, found)):
            attempt.restart(folder, job.checkpoint)
            name = label(brief.entry.cell, telling(brief.entry.overrides or ()))
            print(f"{name} seed={brief.entry.seed}: {other}; it starts anew", flush=True)
        new = record.new(
            study=job.study,
            entry=brief.entry,
            choices=choices_of(now),
            config=config,
            metrics=job.experiment.metrics,
            costs=job.experiment.costs,
            code=job.code,
            turn=max(brief.turn, turns.latest(folder.parent)),
            wandb=found.wandb if found else None,  # the tracker may go on with it
        )
        with heeding() as pause:
            if turns.is_stopped(folder.parent, brief.turn):  # before it could hear of it
                raise Stopped(SIGTERM)
            mine = Attempt(folder, new, brief.place, pause, brief.test, brief.threads, job.checkpoint)
            with attempt.marked(mine), unwrapped():
                mine.record = with_content(mine.record, job.experiment.content(config))
                job.experiment.train(config, mine)


def with_content(new: RunRecord, content: dict[str, str]) -> RunRecord:
    """The record with what the run is about to read. RuntimeError if it is not what was there at the planning."""
    if content and record.identity(new.config, content) != new.id:
        raise RuntimeError(
            f"{', '.join(content)}: changed since the study began; run the same command again to take it as it is"
        )
    return replace(new, content=content or None)
