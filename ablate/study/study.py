"""A study: the runs that one command asks for. All are checked before the first begins."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, OmegaConf, read_write

from ablate.config.errors import UserError
from ablate.config.once import once
from ablate.config.plain import part
from ablate.config.words import wording
from ablate.console import console
from ablate.records import record
from ablate.study import after, before, config_digest
from ablate.study.contents import Contents
from ablate.study.experiment import Experiment
from ablate.study.home import home_of
from ablate.study.jobs import jobs_of
from ablate.study.launch.elsewhere import Here
from ablate.study.launch.share import Share, line_of, share_for
from ablate.study.options import sweep_options
from ablate.study.program import reuse, wandb
from ablate.study.request import Request
from ablate.study.rounds import Rounds
from ablate.study.runs import Run, compose_all, recipe_of
from ablate.study.study_file import StudyFile
from ablate.study.waiting import Waiting

Load = Callable[[DictConfig, list[str]], DictConfig]


class Study:
    """What the sweeper and its launcher work on. `config` is Hydra's, with the fixed overrides applied."""

    def __init__(self, config: DictConfig, request: Request, load: Load, trains: Experiment, call: Here) -> None:
        self.request, self.name, self.experiment, self.call = request, request.name, trains, call
        self.home = home_of(config.hydra.sweeper)
        with read_write(config.hydra):
            OmegaConf.update(config, self.home.name, request.name, force_add=True)
        self.console = console(soft_wrap=True)
        self.folder = self.home.folder(config, request.name)
        self.audit, self.inspect = config.hydra.sweeper.audit, after.found(config.hydra.sweeper.inspect)
        self.options = sweep_options(config)
        self.launcher: dict[str, Any] = part(config.hydra, "launcher")
        self.device: str = config.get("device", "cpu") if self.home.is_ours else "cpu"
        self.load = lambda words: load(config, words)
        self.home = reuse.as_before(self.home, request.rows, self.load, self.folder)
        digest = config_digest.digest(config) if self.home.is_ours else None
        self.file = StudyFile(self.folder, request, config_digest=digest, begun=record.now())
        self.file.refuse_newer()
        self.jobs = jobs_of(config.hydra.sweeper, self.file, self.console)
        self.twins: dict[str, str] = {}
        self.runs = self.composed(request.rows)
        self.places = numbered(self.runs)
        self.tracker = once(part(config, "tracker") if self.home.is_ours else wandb.tracker(config))
        self.rounds = Rounds(self.folder, self.runs, self.options, self.file)

    def composed(self, rows: list[list[str]]) -> list[Run]:
        """Runs of these overrides. UserError with all that is wrong."""
        known = {} if self.options.fresh else self.file.known()
        if any(wording(row) not in known for row in rows):
            self.call.warm()
        asked, watch, call = self.request, Waiting(self.console), self.call
        runs, problems = compose_all(
            rows, asked.axes, self.load, self.experiment, self.home, known, self.twins, asked.nuisance, watch, call
        )
        if problems:
            raise UserError(*problems)
        return runs if self.options.budget == "epochs" else apart(runs, self.options.budget)

    def begin(self) -> None:
        """Writes study.json, says how many runs there are, and prepares what all of them need."""
        threads_before = self.file.threads_before(self.runs[0].recipe)
        sizes = [run.step_flops for run in self.runs if run.config]
        given = self.launcher, self.device, sizes, threads_before
        self.share = self.call(share_for, *given) if sizes else Share(1, threads_before or 1)
        self.file.threads = self.share.threads
        if not self.request.axes:
            self.file.defaults = recipe_of([], [], self.load, Contents(self.experiment), self.home)
        self.file.write(self.runs)
        waiting = self.rounds.due()
        for said in before.counted(self.name, self.folder, self.runs, waiting, self.twins):
            self.console.print(said)
        if not self.options.fresh:
            for said in before.lines(self.folder, self.runs, waiting, self.home, self.request.metric):
                self.console.print(said)
        if waiting:
            at_once = min(self.share.workers, len(waiting))
            self.console.print(line_of(replace(self.share, workers=at_once), threads_before))
            self.prepare(waiting)

    def add(self, rows: list[list[str]]) -> None:
        """Takes more runs into the study."""
        known = {run.id for run in self.runs}
        self.runs += [run for run in self.composed(rows) if run.id not in known]
        self.places = numbered(self.runs)
        self.file.write(self.runs)

    def prepare(self, waiting: list[Run]) -> None:
        """What is done once for all runs: the audit, the choice of the tracker's mode, the data."""
        audited = before.audited(waiting, self.runs, self.request.only_audited, self.trainable)
        level = (*self.request.nuisance, self.home.seed)  # each cell may wait for other seeds
        doubts = self.call(before.doubts, self.audit, audited, level)
        for line in doubts:
            self.console.print(f"audit: {line}")
        if chosen := self.tracker.announce():
            self.console.print(chosen)
        self.call(self.experiment.prepare, [run.config for run in waiting if run.config])
        self.call.close()

    def trainable(self, row: list[str]) -> list[Run]:
        """The run of these overrides; none if it cannot be trained."""
        asked = [row], self.request.axes, self.load, self.experiment, self.home
        runs, problems = compose_all(*asked, call=self.call)
        return [] if problems else runs

    def place(self, run: Run) -> list[str]:
        """Overrides for the job of a run."""
        return self.jobs.words(run, (self.places[run.id], len(self.runs)), self.share.threads)

    def end(self) -> int:
        """Prints the table with its failures and what to type next; returns how many runs are not done."""
        records = self.file.records()
        after.conclude(self.folder, records, self.console, self.inspect if self.request.test else None)
        if self.request.test:
            self.tracker.report(self.folder)
        unfinished = {run.id for run in self.runs} - {r.id for r in records if r.state == "done"}
        after.close(self.folder, self.tracker.closing(self.folder), self.console, is_whole=not unfinished)
        return len(unfinished)


def numbered(runs: list[Run]) -> dict[str, int]:
    """The place of each run in its study, from 1, by its id."""
    return {run.id: place for place, run in enumerate(runs, 1)}


def apart(runs: list[Run], budget: str) -> list[Run]:
    """Runs whose epochs are neither an axis nor part of the recipe. Still, they must not be mixed with others."""
    return [replace(run, recipe=mixed(run.recipe, budget)) if run.config else run for run in runs]


def mixed(recipe: str, budget: str) -> str:
    return hashlib.sha256(f"{recipe} {budget}".encode()).hexdigest()[:12]
