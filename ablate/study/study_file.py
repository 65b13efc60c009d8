"""study.json: what was asked of a study, by this command and by those before it with the same recipe."""

import sys
from pathlib import Path
from typing import Any

from ablate.config import writing
from ablate.config.errors import CannotStart
from ablate.config.words import wording
from ablate.records import faults, record, turns
from ablate.records.claim import claimed
from ablate.records.damage import make_way, set_aside
from ablate.study.ask import Ask
from ablate.study.runs import Run

LINE = {"id", "cell", "seed", "recipe", "overrides", "baseline"}  # of a run, in the file and in its record
WAIT_S = 30  # for another command to write the same study's file


class StudyFile:
    """The file of one study, read and written in one place."""

    def __init__(self, folder: Path, ask: Ask, *, config_digest: str | None, begun: str) -> None:
        self.folder, self.ask, self.config_digest, self.begun = folder, ask, config_digest, begun
        self.turn = 0  # which command of the study this is, counted from 1 when it first writes the file
        self.threads: int | None = None  # of each run, once the study knows

    def before(self) -> dict[str, Any]:
        """study.json as it was; of a damaged one the runs, as their records have them; without one no runs."""
        try:
            return record.read_plan(self.folder)
        except FileNotFoundError:
            return {"runs": []}
        except (OSError, ValueError):
            return {"runs": [{k: r[k] for k in LINE} for r in record.read_study(self.folder) if r.keys() >= LINE]}

    def known(self) -> dict[tuple[str, ...], dict]:
        """Lines of finished runs that were asked for in the same words of the same configuration."""
        plan = self.before()
        if self.config_digest is None or plan.get("sources") != self.config_digest:
            return {}
        done = {r["id"] for r in record.read_study(self.folder) if r["state"] == "done"}
        return {wording(entry["overrides"]): entry for entry in plan["runs"] if entry["id"] in done}

    def threads_before(self, recipe: str) -> int | None:
        """Threads that the runs of this recipe have trained with so far."""
        plan = self.before()
        same = any(entry["recipe"] == recipe for entry in plan["runs"])
        return plan.get("threads") if same else None

    def write(self, runs: list[Run]) -> None:
        """Takes these runs into the file. CannotStart if nobody may write there, or another process keeps it."""
        with (
            writing.into(self.folder, "hydra.sweep.dir=FOLDER puts the runs elsewhere"),
            claimed(self.folder, wait=WAIT_S) as ours,
        ):
            if not ours:
                raise CannotStart(f"another process keeps {self.folder}/claim; remove it if there is none")
            latest = turns.latest_of_all(self.folder)
            self.turn = self.turn or 1 + latest
            plan = self.plan(runs) | {"turn": max(self.turn, latest)}
            if reason := faults.reason(record.read_plan, self.folder):
                set_aside(self.folder / "study.json", reason)
            for run in runs:
                make_way(self.folder / run.id, folder=True)
            record.save_plan(self.folder, plan)

    def entry(self, run: Run) -> dict[str, Any]:
        """A run's line in the file."""
        return run.entry() | {"baseline": run.cell == self.ask.baseline}

    def plan(self, runs: list[Run]) -> dict[str, Any]:
        """What the file says: the runs of this command, after those asked for before with the same recipe."""
        entries = {run.id: self.entry(run) for run in runs}
        kept = [e for e in self.before()["runs"] if e["recipe"] == runs[0].recipe and e["id"] not in entries]
        everything = [*kept, *entries.values()]
        choices: dict[str, dict[str, None]] = {}
        for entry in everything:
            for axis, choice in entry["cell"].items():
                choices.setdefault(axis, {})[choice] = None
        return {
            "format": record.FORMAT,
            "study": self.ask.name,
            "command": sys.argv[1:],
            "axes": {axis: list(found) for axis, found in choices.items()},
            "baseline": self.ask.baseline,
            "seeds": sorted({entry["seed"] for entry in everything}),
            "runs": everything,
            "sources": self.config_digest,
            "threads": self.threads,
            "created": self.begun,
            **self.ask.facts,
        }

    def records(self) -> list[dict]:
        """Those of the runs that were asked for with this recipe, by this command or before."""
        ids = {entry["id"] for entry in record.read_plan(self.folder)["runs"]}
        return [r for r in record.read_study(self.folder) if r["id"] in ids]
