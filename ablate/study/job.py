"""One run of a study, in whatever process a launcher gives it."""

import json
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ablate.config.output import forgiving
from ablate.config.plain import choices_of, plain
from ablate.config.raised import unwrapped
from ablate.records import attempt, provenance, record, sources, turns
from ablate.records.claim import claimed
from ablate.records.stop import heeding
from ablate.study.experiment import Attempt, find


@forgiving()
def one_run(cfg: DictConfig) -> None:
    """One run of a study, in whatever process the launcher gives it, unless another process has it or did it."""
    now = HydraConfig.get()
    folder = Path(now.runtime.output_dir)
    experiment = find(now.sweeper.experiment)
    config = plain(cfg, resolve=True)
    options, told = config["sweep"], json.loads(config["sweep"].pop("run"))
    with claimed(folder) as ours:
        if ours:
            attempt.repair(folder)
        found = record.load(folder)
        if not ours or attempt.settled(found, told["turn"], options):
            return
        if options["fail_fast"] and turns.failed_since(folder.parent, told["turn"]):
            return
        if options["fresh"] and found and turns.turn_of(found) < told["turn"]:
            attempt.restart(folder)
        if other := attempt.other_code(folder, found):
            attempt.restart(folder)
            print(f"{record.label(told['cell'])} seed={told['seed']}: {other}; it starts anew", flush=True)
        rec = record.new(
            study=config["name"],
            entry=told,
            choices=choices_of(now),
            config=config,
            metrics=experiment.metrics,
            costs=experiment.costs,
            code=provenance.code([*sources.targets(config), now.sweeper.experiment]),
            turn=max(told["turn"], turns.latest(folder.parent)),
        )
        rec["wandb"] = found and found.get("wandb")  # the tracker may go on with it
        with heeding() as pause, attempt.marked(folder, rec), unwrapped():
            experiment.train(
                config, Attempt(folder, rec, tuple(told["place"]), pause, told["test"], told["threads"])
            )
