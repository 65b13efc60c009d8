"""A study: the runs that one command asks for, checked before any begins, and what became of them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf, open_dict
from rich.console import Console

from ablate import record
from ablate.plan import Run, compose_all, name_of
from ablate.schema import UserError

Load = Callable[[DictConfig, list[str]], DictConfig]


class Study:
    """What the sweeper and its launcher work on. `config` is Hydra's, with the fixed overrides applied."""

    def __init__(self, config: DictConfig, grid: list[list[str]], axes: list[str], load: Load) -> None:
        self.axes = [axis for axis in axes if axis != "seed"]
        self.name = config.name or name_of(self.axes)
        with open_dict(config):
            config.name = self.name
        self.console = Console(highlight=False, soft_wrap=True)
        self.runs, problems = compose_all(grid, self.axes, lambda overrides: load(config, overrides))
        if problems:
            raise UserError(*problems)
        self.folder = Path(str(config.hydra.sweep.dir))
        self.options: Any = OmegaConf.to_container(config.sweep)
        self.tracker = instantiate(self.runs[0].config["tracker"])
        chosen = config.hydra.runtime.choices
        self.baseline = {axis: str(chosen.get(axis, OmegaConf.select(config, axis))) for axis in self.axes}

    def begin(self) -> list[Run]:
        """Writes study.json, says what is ahead, and returns the runs to launch."""
        waiting = [run for run in self.runs if not self.is_settled(run)]
        record.save_plan(self.folder, self.plan())
        finished = len(self.runs) - len(waiting)
        line = f"{self.name}: {count(len(self.runs), 'run')}"
        self.console.print(line + (f", {finished} finished before" if finished else ""))
        if waiting:
            self.prepare(waiting)
        return waiting

    def prepare(self, waiting: list[Run]) -> None:
        """What is done once for all runs: the tracker chooses its mode, and missing data are fetched."""
        if chosen := self.tracker.announce():
            self.console.print(chosen)
        sets = {json.dumps(run.config["data"], sort_keys=True): run.config["data"] for run in waiting}
        for data in sets.values():
            instantiate(data).load()

    def is_settled(self, run: Run) -> bool:
        """Whether a run needs no launch: done, or failed and not to be tried again."""
        found = record.load(self.folder / run.id)
        if found is None or self.options["fresh"]:
            return False
        return found["state"] == "done" or (found["state"] == "failed" and not self.options["retry_failed"])

    def place(self, run: Run) -> list[str]:
        """Overrides that put a job of any launcher into the run's folder."""
        where = {"name": self.name, "hydra.sweep.dir": self.folder, "hydra.sweep.subdir": run.id}
        return [f"{key}={quoted(str(value))}" for key, value in where.items()]

    def plan(self) -> dict[str, Any]:
        """study.json: the runs of this command, after those asked for before with the same recipe."""
        runs = {run.id: run.entry() | {"baseline": run.cell == self.baseline} for run in self.runs}
        try:
            before = record.read_plan(self.folder)["runs"]
        except (OSError, ValueError, KeyError):
            before = []
        recipe = self.runs[0].recipe
        kept = [entry for entry in before if entry["recipe"] == recipe and entry["id"] not in runs]
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
            "baseline": self.baseline,
            "seeds": sorted({entry["seed"] for entry in everything}),
            "runs": everything,
            "created": record.now(),
        }

    def end(self) -> int:
        """Prints the table with its failures and what to type next; returns how many runs are not done."""
        found = record.read_study(self.folder)
        ids = {entry["id"] for entry in record.read_plan(self.folder)["runs"]}
        records = [r for r in found if r["id"] in ids]
        self.conclude(records)
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


def quoted(text: str) -> str:
    """A word of Hydra's grammar that means exactly this text."""
    escaped = text.replace("'", "\\'")
    return f"'{escaped}'"


def count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
