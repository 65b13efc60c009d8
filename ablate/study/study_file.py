"""study.json: what was asked of a study, by this command and by those before it with the same recipe."""

import sys
from dataclasses import replace
from pathlib import Path

from ablate.config import writing
from ablate.config.errors import CannotStart, UserError
from ablate.config.words import key_of, value_of, wording
from ablate.records import faults, record, turns
from ablate.records.claim import claimed
from ablate.records.damage import NewerFormat, make_way, set_aside
from ablate.records.run_record import FORMAT, RunRecord
from ablate.records.study_plan import DesignFacts, RunEntry, StudyPlan, TunedFacts
from ablate.study.request import Request
from ablate.study.runs import Run

WAIT_S = 30  # for another command to write the same study's file


class StudyFile:
    """The file of one study, read and written in one place."""

    def __init__(self, folder: Path, request: Request, *, config_digest: str | None, begun: str) -> None:
        self.folder, self.request, self.config_digest, self.begun = folder, request, config_digest, begun
        self.turn = 0  # which command of the study this is, counted from 1 when it first writes the file
        self.threads: int | None = None  # of each run, once the study knows
        self.defaults: str | None = None  # of a study without axes: the recipe of the config as it comes

    def refuse_newer(self) -> None:
        """Raises UserError if a newer version of ablate has written here: this one could harm its work."""
        try:
            newer = {self.folder / record.PLAN: self.before().format}
            newer |= {self.folder / one.id / record.RECORD: one.format for one in record.read_study(self.folder)}
            lines = [record.refusal(file, n) for file, n in newer.items() if n and record.is_newer(n)]
        except NewerFormat as e:
            lines = [str(e)]
        if lines:
            raise UserError(f"{lines[0]}, or choose another study with name=...")

    def before(self) -> StudyPlan:
        """study.json as it was.

        If it is damaged, the runs are taken from their records; without one there are no runs.
        """
        try:
            return record.read_plan(self.folder)
        except FileNotFoundError:
            return StudyPlan()
        except (OSError, ValueError):
            return StudyPlan(runs=[entry_of(one) for one in record.read_study(self.folder)])

    def known(self) -> dict[tuple[str, ...], RunEntry]:
        """Lines of finished runs that were asked for with the same words and the same configuration.

        None of those that depend on more than that, such as the images in a folder: it is looked at each time.
        """
        plan = self.before()
        if self.config_digest is None or plan.sources != self.config_digest:
            return {}
        done = {r.id for r in record.read_study(self.folder) if r.state == "done" and not r.content}
        return {wording(entry.overrides): entry for entry in plan.runs if entry.id in done and entry.overrides}

    def threads_before(self, recipe: str) -> int | None:
        """Threads that the runs of this recipe have trained with so far."""
        plan = self.before()
        return plan.threads if any(entry.recipe == recipe for entry in plan.runs) else None

    def write(self, runs: list[Run]) -> None:
        """Adds these runs to the file. CannotStart if it cannot be written, or if another process keeps it."""
        with (
            writing.into(self.folder, "hydra.sweep.dir=FOLDER puts the runs elsewhere"),
            claimed(self.folder, wait=WAIT_S) as ours,
        ):
            if not ours:
                raise CannotStart(f"another process keeps {self.folder}/claim; remove it if there is none")
            latest = turns.latest_of_all(self.folder)
            self.turn = self.turn or 1 + latest
            plan = replace(self.plan(runs), turn=max(self.turn, latest))
            if reason := faults.reason(record.read_plan, self.folder):
                set_aside(self.folder / "study.json", reason)
            for run in runs:
                make_way(self.folder / run.id, folder=True)
            record.save_plan(self.folder, plan)

    def stop(self) -> None:
        """No run of this command is to begin any more."""
        turns.stop(self.folder, self.turn or 0)

    def entry(self, run: Run) -> RunEntry:
        """A run's line in the file."""
        return run.entry(baseline=run.cell == self.request.baseline and self.defaults in (None, run.recipe))

    def plan(self, runs: list[Run]) -> StudyPlan:
        """What the file says: the runs of this command, after those asked for before with the same recipe."""
        entries = {run.id: self.entry(run) for run in runs}
        before = self.before()
        same = [entry for entry in before.runs if entry.recipe == runs[0].recipe]
        kept = [e for e in same if e.id not in entries and not is_of_other_values(e, self.request.tuned)]
        everything = [*kept, *entries.values()]
        seeds = sorted({entry.seed for entry in everything})
        return StudyPlan(
            format=FORMAT,
            study=self.request.name,
            command=[*self.request.program, *sys.argv[1:]],
            axes=arms_of(everything, list(entries.values()), before.axes if same else {}),
            baseline=(before.baseline if same else {}) | self.request.baseline,
            seeds=seeds,
            runs=everything,
            asked=len(entries),
            sources=self.config_digest,
            threads=self.threads,
            created=self.begun,
            design=self.design(before.design if same else None),
            looks=self.request.looks or with_look(before.looks if same else None, len(seeds)),
            tunes=self.request.tunes,
            tuned=self.request.tuned,
            metric=self.request.metric,
            seed_key=self.request.seed_key,
            more=before.more,
        )

    def design(self, before: DesignFacts | None) -> DesignFacts | None:
        """That of the command. One axis at a time stays: the report looks whether the cells still are that."""
        asked = self.request.design
        return before if before and before.kind == "one_at_a_time" and asked and asked.kind == "full" else asked

    def records(self) -> list[RunRecord]:
        """Those of the runs that were asked for with this recipe, by this command or before."""
        ids = {entry.id for entry in record.read_plan(self.folder).runs}
        return [r for r in record.read_study(self.folder) if r.id in ids]


def arms_of(
    everything: list[RunEntry], asked: list[RunEntry], before: dict[str, list[str]]
) -> dict[str, list[str]]:
    """Axis -> its arms: in the order of the command if it asks for all of them, else as `before`, then the new."""
    found: dict[str, list[str]] = {}
    for axis in dict.fromkeys(axis for entry in everything for axis in entry.cell):
        new, known = (
            dict.fromkeys(entry.cell[axis] for entry in entries if axis in entry.cell)
            for entries in (asked, everything)
        )
        first = [] if new.keys() == known.keys() else [arm for arm in before.get(axis, []) if arm in known]
        found[axis] = list(dict.fromkeys([*first, *(new or known), *known]))
    return found


def is_of_other_values(entry: RunEntry, tuned: TunedFacts | None) -> bool:
    """Whether a run has other values than those that tuning has chosen for its cell."""
    chosen = next((one.values for one in tuned.chosen if one.cell == entry.cell), {}) if tuned else {}
    given = {key_of(word): value_of(word) for word in entry.overrides or ()}
    return any(given.get(key, value) != value for key, value in chosen.items())


def with_look(looks: list[int] | None, seeds: int) -> list[int] | None:
    """The looks of `sweep.seeds=auto` hold for later commands; what each of these shows is one more look."""
    return sorted({*looks, seeds}) if looks else looks


def entry_of(one: RunRecord) -> RunEntry:
    """The line of a run in study.json, as its record has it."""
    return RunEntry(
        id=one.id,
        cell=one.cell,
        seed=one.seed,
        recipe=one.recipe,
        overrides=one.overrides,
        baseline=one.baseline,
    )
