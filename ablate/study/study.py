"""A study: the runs that one command asks for, checked before any begins, and what became of them."""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf, open_dict
from rich.console import Console

from ablate.config.errors import UserError
from ablate.config.locate import locate
from ablate.config.plain import part, plain
from ablate.config.words import quoted, wording
from ablate.records import provenance, record
from ablate.records.claim import claimed
from ablate.study import config_digest
from ablate.study.ask import Ask
from ablate.study.experiment import Experiment
from ablate.study.rounds import Rounds
from ablate.study.runs import Run, compose_all
from ablate.text import count

PLAN_S = 30  # for another command to write the same study's plan
Load = Callable[[DictConfig, list[str]], DictConfig]


class Study:
    """What the sweeper and its launcher work on. `config` is Hydra's, with the fixed overrides applied."""

    def __init__(self, config: DictConfig, ask: Ask, load: Load, experiment: Experiment) -> None:
        self.begun = record.now()
        self.ask, self.name, self.experiment = ask, ask.name, experiment
        self.audit: str | None = config.hydra.sweeper.audit
        with open_dict(config):
            config.name = ask.name
        self.console = Console(highlight=False, soft_wrap=True)
        self.folder = Path(str(config.hydra.sweep.dir))
        self.options: dict[str, Any] = part(config, "sweep")
        self.sources = config_digest.digest(config)
        self.load = lambda words: load(config, words)
        self.twins: dict[str, str] = {}
        self.runs = self.composed(ask.rows)
        self.tracker = instantiate(part(config, "tracker"))
        self.rounds = Rounds(self.folder, self.runs, self.options, self.begun)

    def composed(self, rows: list[list[str]]) -> list[Run]:
        """Runs of these overrides. UserError with all that is wrong."""
        axes, nuisance = self.ask.axes, self.ask.nuisance
        runs, problems = compose_all(rows, axes, self.load, self.experiment, self.known(), self.twins, nuisance)
        if problems:
            raise UserError(*problems)
        if self.options["budget"] == "epochs":
            return runs
        # The recipe without its epochs, which are no axis here, and yet not to be mixed with equal epochs.
        return [
            replace(run, recipe=mixed(run.recipe, self.options["budget"])) if run.config else run for run in runs
        ]

    def known(self) -> dict[tuple[str, ...], dict]:
        """Finished runs that were asked for in the same words of the same configuration, by these words."""
        plan = self.before()
        if self.options["fresh"] or self.sources is None or plan.get("sources") != self.sources:
            return {}
        done = {r["id"] for r in record.read_study(self.folder) if r["state"] == "done"}
        return {wording(entry["overrides"]): entry for entry in plan["runs"] if entry["id"] in done}

    def before(self) -> dict[str, Any]:
        """study.json as it was, or one without runs."""
        try:
            return record.read_plan(self.folder)
        except (OSError, ValueError):
            return {"runs": []}

    def begin(self) -> None:
        """Writes study.json, says what is ahead, and sees to what all runs need."""
        self.save()
        waiting = self.rounds.due()
        finished = len(self.runs) - len(waiting)
        line = f"{self.name}: {count(len(self.runs), 'run')}"
        self.console.print(line + (f", {finished} finished before" if finished else ""))
        found = [r for run in self.runs if (r := record.load(self.folder / run.id)) and r["state"] == "done"]
        if other := sum(provenance.differs(r) for r in found if not self.options["fresh"]):
            self.console.print(
                f"{other} of {count(len(self.runs), 'run')} {'was' if other == 1 else 'were'} made by another "
                "version of the code; retrain with sweep.fresh=true"
            )
        if waiting:
            self.prepare(waiting)

    def save(self) -> None:
        with claimed(self.folder, wait=PLAN_S) as ours:
            if not ours:
                raise RuntimeError(f"another process keeps {self.folder}/claim; remove it if there is none")
            record.save_plan(self.folder, self.plan())

    def add(self, rows: list[list[str]]) -> None:
        """Takes more runs into the study."""
        known = {run.id for run in self.runs}
        self.runs += [run for run in self.composed(rows) if run.id not in known]
        self.save()

    def records(self) -> list[dict]:
        """Those of the runs that were asked for with this recipe, by this command or before."""
        ids = {entry["id"] for entry in record.read_plan(self.folder)["runs"]}
        return [r for r in record.read_study(self.folder) if r["id"] in ids]

    def prepare(self, waiting: list[Run]) -> None:
        """What is done once for all runs: the tracker chooses its mode, and missing data are fetched."""
        self.warn(waiting)
        if chosen := self.tracker.announce():
            self.console.print(chosen)
        self.experiment.prepare([run.config for run in waiting if run.config])

    def warn(self, waiting: list[Run]) -> None:
        """Says which arms are dead or confounded; what the audit cannot look at trains all the same."""
        if self.audit is None:
            return
        warnings = locate(self.audit, key="hydra.sweeper.audit")
        try:
            found = warnings(
                [replace(run, config=self.levelled(run.config)) for run in [*waiting, *self.beside()]]
            )
        except (Exception, SystemExit) as e:  # a part of the user's own may do anything
            found = [f"not done ({type(e).__name__}: {e})"]
        for line in [*found, *(f"{a} is {b} to the letter; it is one run" for a, b in self.twins.items())]:
            self.console.print(f"audit: {line}")

    def beside(self) -> list[Run]:
        """Sound cells that are audited and not trained."""
        composed = [compose_all([row], self.ask.axes, self.load, self.experiment) for row in self.ask.beside]
        return [run for runs, problems in composed for run in runs if not problems]

    def levelled(self, config: dict[str, Any]) -> dict[str, Any]:
        """A config in which the keys that may differ between cells do not."""
        level = OmegaConf.create(config)
        for key in self.ask.nuisance if config else ():
            OmegaConf.update(level, key, 1)
        return plain(level, resolve=False)

    def place(self, run: Run) -> list[str]:
        """Overrides that put a job of any launcher into the run's folder, and tell it what it is part of."""
        told = self.entry(run) | {
            "begun": self.begun,
            "test": self.ask.test,
            "place": [self.runs.index(run) + 1, len(self.runs)],
        }
        where = {"name": self.name, "hydra.sweep.dir": self.folder, "hydra.sweep.subdir": run.id}
        words = [f"{key}={quoted(str(value))}" for key, value in where.items()]
        return [*words, f"sweep.run={quoted(json.dumps(told))}"]

    def entry(self, run: Run) -> dict[str, Any]:
        return run.entry() | {"baseline": run.cell == self.ask.baseline}

    def plan(self) -> dict[str, Any]:
        """study.json: the runs of this command, after those asked for before with the same recipe."""
        runs = {run.id: self.entry(run) for run in self.runs}
        recipe = self.runs[0].recipe
        kept = [e for e in self.before()["runs"] if e["recipe"] == recipe and e["id"] not in runs]
        everything = [*kept, *runs.values()]
        choices: dict[str, dict[str, None]] = {}
        for entry in everything:
            for axis, choice in entry["cell"].items():
                choices.setdefault(axis, {})[choice] = None
        return {
            "format": record.FORMAT,
            "study": self.name,
            "command": sys.argv[1:],
            "axes": {axis: list(found) for axis, found in choices.items()},
            "baseline": self.ask.baseline,
            "seeds": sorted({entry["seed"] for entry in everything}),
            "runs": everything,
            "sources": self.sources,
            "created": self.begun,
            **self.ask.facts,
        }

    def end(self) -> int:
        """Prints the table with its failures and what to type next; returns how many runs are not done."""
        found, records = record.read_study(self.folder), self.records()
        self.conclude(records)
        if self.ask.test:
            self.tracker.report(self.folder)
        if others := len(found) - len(records):
            self.console.print(f"not shown: {count(others, 'run')} of another recipe in the same folder")
        unfinished = {run.id for run in self.runs} - {r["id"] for r in records if r["state"] == "done"}
        if unfinished:
            self.console.print(f"tracebacks: {self.folder}/*/error.txt")
        self.console.print(f"records: {self.folder}")
        for line in [*self.tracker.closing(self.folder), f"next: python -m ablate.report {self.folder}"]:
            self.console.print(line)
        return len(unfinished)

    def conclude(self, records: list[dict]) -> None:
        """Table, verdict and pages; a fault in the pages must not make a finished study fail."""
        from ablate.report import conclude
        from ablate.report.terminal import cells_table

        try:
            conclude(self.folder, self.console)
        except Exception as e:
            plan = record.read_plan(self.folder)
            self.console.print(cells_table(records, list(plan["axes"]), plan=plan))
            self.console.print(f"no verdict ({type(e).__name__}: {e})")


def mixed(recipe: str, budget: str) -> str:
    return hashlib.sha256(f"{recipe} {budget}".encode()).hexdigest()[:12]
