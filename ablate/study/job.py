"""One run of a study, in whatever process a launcher gives it."""

from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ablate.config.errors import UserError
from ablate.config.output import forgiving
from ablate.config.plain import choices_of, plain
from ablate.config.raised import unwrapped
from ablate.records import attempt, provenance, record, sources, turns
from ablate.records.attempt import Attempt
from ablate.records.claim import claimed
from ablate.records.run_record import RunRecord, label, telling
from ablate.records.stop import heeding
from ablate.study.brief import Brief
from ablate.study.experiment import find
from ablate.study.options import sweep_options


@forgiving()
def one_run(cfg: DictConfig) -> None:
    """One run of a study, in whatever process the launcher gives it, unless another process has it or did it."""
    now = HydraConfig.get()
    folder = Path(now.runtime.output_dir)
    experiment = find(now.sweeper.experiment)
    config, options = plain(cfg, resolve=True), sweep_options(cfg)
    told = config["sweep"].pop("run")
    if told is None:
        raise UserError(
            "this run belongs to no study; hydra/sweeper=ablate and hydra.mode=MULTIRUN are needed to plan one"
        )
    brief = Brief.of_word(told)
    with claimed(folder) as ours:
        if ours:
            attempt.repair(folder)
        found = record.find(folder)
        if not ours or options.settles(found, brief.turn):
            return
        if options.fail_fast and turns.failed_since(folder.parent, brief.turn):
            return
        if options.fresh and found and turns.turn_of(found) < brief.turn:
            attempt.restart(folder)
        if other := attempt.other_code(folder, found):
            attempt.restart(folder)
            name = label(brief.entry.cell, telling(brief.entry.overrides or ()))
            print(f"{name} seed={brief.entry.seed}: {other}; it starts anew", flush=True)
        new = record.new(
            study=config["name"],
            entry=brief.entry,
            choices=choices_of(now),
            config=config,
            metrics=experiment.metrics,
            costs=experiment.costs,
            code=provenance.code([*sources.targets(config), now.sweeper.experiment]),
            turn=max(brief.turn, turns.latest(folder.parent)),
            wandb=found.wandb if found else None,  # the tracker may go on with it
        )
        with heeding() as pause:
            mine = Attempt(folder, new, brief.place, pause, brief.test, brief.threads)
            with attempt.marked(mine), unwrapped():
                mine.record = with_content(mine.record, experiment.content(config))
                experiment.train(config, mine)


def with_content(new: RunRecord, content: dict[str, str]) -> RunRecord:
    """The record with what the run is about to read. RuntimeError if it is not what was there at the planning."""
    if content and record.identity(new.config, content) != new.id:
        raise RuntimeError(
            f"{', '.join(content)}: changed since the study began; run the same command again to take it as it is"
        )
    return replace(new, content=content or None)
