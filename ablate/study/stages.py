"""What one command asks for: a study, or with tuning and budgets several that build on each other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig

from ablate.config import interrupted
from ablate.config.words import Words, replaced
from ablate.records.run_record import RunRecord
from ablate.records.stop import handling
from ablate.records.study_plan import TunedFacts
from ablate.study import budgets, more_seeds, recorded, tuned
from ablate.study.design import tuning
from ablate.study.design.combinations import Combinations
from ablate.study.experiment import Experiment
from ablate.study.launch.elsewhere import Here
from ablate.study.naming import study_name
from ablate.study.options import sweep_options
from ablate.study.program import asked, check
from ablate.study.request import Request
from ablate.study.study import Load, Study
from ablate.text import count


class Unfinished(Exception):
    """Runs have failed that all later ones need."""

    def __init__(self, runs: int) -> None:
        self.runs = runs


class Command:
    """The studies of a command, in the order in which they need each other.

    NAME is the study with the recipe as it is. With `sweep.tune` NAME-tuning tries the values on validation
    images, and NAME-tuned trains each cell with those chosen for it. `sweep.budget=seconds` is measured by
    NAME-pilot, of one epoch a cell.
    """

    def __init__(
        self, config: DictConfig, grid: Combinations, load: Load, experiment: Experiment, call: Here
    ) -> None:
        self.config, self.grid, self.load, self.experiment, self.call = config, grid, load, experiment, call
        self.compose = lambda words: load(config, words)
        self.metric, self.checks = (None, False) if grid.home.is_ours else asked.said(config.hydra.sweeper)
        self.name = study_name(config, grid.axes)
        self.options = sweep_options(config)
        grid.home.refuse_no_seed(config, grid.axes, self.options.seeds is not None)
        self.rows, self.design, self.looks = grid.asked(self.options)
        self.tune = tuned.values(self.options.tune, config, grid.axes, grid.home)
        self.by = asked.tuned_by(config.hydra.sweeper, self.metric, self.tune) if self.metric else None

    def carry_out(self, rounds: Callable[[Study], None]) -> int:
        """Trains everything, `rounds` the runs of a study; returns how many are not done."""
        self.rounds = rounds
        if self.tune:
            tuned.check(self.grid, self.rows, self.tune, self.compose, self.experiment, self.call)
        try:
            given = self.epochs()
        except Unfinished as e:
            return e.runs
        # If no two cells of the design differ in one arm only, the audit needs further cells.
        only_audited = self.grid.alone() if self.design.kind == "fraction" or self.design.zip else []
        rows = [budgets.on_budget(self.grid, row, given) for row in self.rows]
        main = self.study("", rows, only_audited=only_audited)
        self.train(main)
        while self.looks and (more := more_seeds.undecided(main.file.records(), main.file.before(), self.grid)):
            main.console.print(f"{main.name}: not decided yet, {count(len(more), 'run')} more")
            main.add([budgets.on_budget(self.grid, row, given) for row in more])
            self.train(main)
        unfinished = main.end()
        if self.checks and not unfinished:
            again = self.study("-check", [main.runs[0].overrides])
            self.train(again)
            check.compare(main.file.records(), again.file.records(), self.metric, self.grid.home.seed)
        if self.tune and not unfinished:
            unfinished = self.train_tuned(main, self.tune)
        return unfinished

    def study(self, suffix: str, rows: list[Words], **changes: Any) -> Study:
        request = request_of(self, suffix, rows)
        return Study(self.config, replace(request, **changes), self.load, self.experiment, self.call)

    def train(self, study: Study) -> None:
        study.begin()
        interrupted.look()
        with handling(study.rounds.stop):
            self.rounds(study)

    def epochs(self) -> dict[str, int]:
        """Epochs of each cell by its label, so that all spend as much as the baseline; {} for equal epochs."""
        kind, cells = self.options.budget, budgets.cells(self.grid, self.rows)
        if kind == "epochs":
            return {}
        if kind == "seconds":
            costs = budgets.seconds(self.pilot([self.grid.row(cell) for cell in cells]))
        else:
            rows = [self.grid.row(cell) for cell in cells]
            costs = budgets.flops(rows, self.grid.axes, self.compose, self.experiment, self.call)
        return budgets.equal(costs, self.grid.baseline, int(self.config.epochs), kind)

    def pilot(self, rows: list[Words]) -> list[RunRecord]:
        """Records of a run of one epoch of each cell."""
        seed, *_ = tuning.tuning_seeds((), 1)
        pilot = self.study("-pilot", [replaced(row, f"seed={seed}", "epochs=1") for row in rows], test=False)
        self.train(pilot)
        records = pilot.file.records()
        if not all(r.state == "done" for r in records):
            raise Unfinished(pilot.end())
        return records

    def train_tuned(self, main: Study, tune: tuned.Values) -> int:
        """Tunes the values for each cell and trains the study with them; returns how many runs are not done."""
        keys, seeds = list(tune), tuning.tuning_seeds({run.seed for run in main.runs}, self.options.tune_seeds)
        rows = tuned.trials(main.runs, tune, seeds, self.grid.home.seed)
        trials = self.study("-tuning", rows, axes=[*self.grid.axes, *keys], tunes=keys, test=False)
        self.train(trials)
        cells = [run.cell for run in tuned.first_of_cells(main.runs)]
        try:
            chosen = tuning.choose(trials.file.records(), cells, tune, seeds, self.by)
        except ValueError as e:  # of a cell no value is left
            print(self.grid.home.said(str(e)))
            return trials.end()
        facts = TunedFacts(of=main.name, tuning=trials.name, keys=tune, seeds=seeds, chosen=chosen, by=self.by)
        nuisance = (*main.request.nuisance, *keys)
        best = self.study("-tuned", tuned.rows(main.runs, chosen), tuned=facts, nuisance=nuisance)
        self.train(best)
        return best.end()


def request_of(command: Command, suffix: str, rows: list[Words]) -> Request:
    """What the study NAME and `suffix` with these rows is asked to be, unless the command says otherwise."""
    return Request(
        name=command.name + suffix,
        axes=command.grid.axes,
        baseline=command.grid.baseline,
        rows=rows,
        design=command.design.facts(),
        looks=command.looks,
        metric=command.metric,
        program=() if command.grid.home.is_ours else recorded.typed(),
        seed_key=None if command.grid.home.is_ours else command.grid.home.seed,
        nuisance=("epochs",) if command.options.budget != "epochs" else (),
    )
