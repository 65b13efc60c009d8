"""What the job of a run is given besides its own words: its folder, its study, what its program goes on from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console

from ablate.config.words import quoted
from ablate.records import attempt, provenance, record
from ablate.records.run_record import RunRecord
from ablate.study.brief import Brief
from ablate.study.home import Home, home_of
from ablate.study.options import program_options
from ablate.study.program import wandb
from ablate.study.runs import Run
from ablate.study.study_file import StudyFile


@dataclass(frozen=True)
class Jobs:
    """Of the study of this file. `resume` and `wandb` are those of `hydra.sweeper`; our own training has none."""

    home: Home
    file: StudyFile
    console: Console
    resume: Mapping[str, str] = field(default_factory=dict)
    wandb: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.file.folder

    def words(self, run: Run, place: tuple[int, int], threads: int) -> list[str]:
        """Overrides that give the job of a run its folder, and what it must know of its study."""
        request = self.file.request
        brief = Brief(
            entry=self.file.entry(run), turn=self.file.turn, test=request.test, threads=threads, place=place
        )
        where = {self.home.name: request.name, "hydra.sweep.dir": self.folder, "hydra.sweep.subdir": run.id}
        words = [f"{key}={quoted(str(value))}" for key, value in where.items()]
        told = f"{self.home.option('run')}={quoted(brief.as_word())}"
        return [*words, *self.tracked(run), *self.resumed(run), told]

    def resumed(self, run: Run) -> list[str]:
        """Overrides by which a program goes on with what it left in the folder of a run."""
        found = record.find(self.folder / run.id) if self.resume else None
        if found is None or self.is_of_other_code(run, found) or found.error == attempt.ANEW:
            return []
        kept = {key: (self.folder / run.id / file).absolute() for key, file in self.resume.items()}
        return [f"++{key}={quoted(str(file))}" for key, file in kept.items() if file.exists()]

    def is_of_other_code(self, run: Run, found: RunRecord) -> bool:
        """Whether other code left what lies in the folder of a run; says so."""
        changes = provenance.changed(found) if found.state != "done" else []
        if changes:
            of = provenance.named(changes)
            self.console.print(f"{run.id}: begun with another version of {of}; it starts anew")
        return bool(changes)

    def tracked(self, run: Run) -> list[str]:
        """Overrides that give a program's own W&B run its group, name and tags where its config says them."""
        baseline = bool(self.file.entry(run).baseline)
        said = wandb.facts(self.file.request.name, run.cell, run.seed, run.overrides, is_baseline=baseline)
        said["tags"] = f"[{','.join(map(quoted, said['tags'].split(',')))}]" if said["tags"] else "[]"
        words = {what: text if what == "tags" else quoted(text) for what, text in said.items()}
        return [f"++{key}={words[what]}" for what, key in self.wandb.items() if what not in wandb.READ]


def jobs_of(sweeper: DictConfig, file: StudyFile, console: Console) -> Jobs:
    """As the `hydra.sweeper` of a command asks for them. UserError with all that is wrong in it."""
    home = home_of(sweeper)
    if home.is_ours:
        return Jobs(home, file, console)
    options = program_options(sweeper)
    return Jobs(home, file, console, options.resume, options.wandb)
