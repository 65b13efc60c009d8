"""What one command asks for: a study, or with tuning and budgets several that build on each other."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablate.config.errors import UserError
from ablate.config.words import Words, name_of, replaced
from ablate.records import record
from ablate.records.record import label
from ablate.records.stop import handling
from ablate.study import experiment
from ablate.study.ask import Ask
from ablate.study.design import budget, tuning
from ablate.study.design.combinations import Cell, Grid
from ablate.study.options import sweep_options
from ablate.study.runs import compose_all
from ablate.study.study import Load, Study
from ablate.text import count

SHORT = {"lr": "optim.lr"}  # words for keys, in sweep.tune
AROUND = (0.5, 1.0, 2.0)  # of a key's own value, where sweep.tune names no values


class Unfinished(Exception):
    """Runs that all others wait for have failed."""

    def __init__(self, runs: int) -> None:
        self.runs = runs


class Command:
    """The studies of a command, in the order in which they need each other.

    NAME is the study with the recipe as it stands. With `sweep.tune` NAME-tuning tries the values on validation
    images, and NAME-tuned trains each cell with those chosen for it. `sweep.budget=seconds` is measured by
    NAME-pilot, of one epoch a cell.
    """

    def __init__(self, config: DictConfig, grid: Grid, load: Load) -> None:
        self.config, self.grid, self.load = config, grid, load
        self.experiment = experiment.find(config.hydra.sweeper.experiment)
        self.compose = lambda words: load(config, words)
        self.name: str = config.name or name_of(grid.axes)
        self.options = sweep_options(config)
        self.rows, self.design, self.looks = grid.asked(self.options)
        try:
            self.tune = self.tuned_values()
        except ValueError as e:
            raise UserError(str(e)) from None

    def carry_out(self, rounds: Callable[[Study], None]) -> int:
        """Trains everything, `rounds` the runs of a study; returns how many are not done."""
        self.rounds = rounds
        try:
            given = self.epochs()
        except Unfinished as e:
            return e.runs
        # For the audit, where no two cells of the design differ in one arm.
        beside = self.grid.alone() if self.design.kind == "fraction" or self.design.zip else []
        main = self.study("", [self.on_budget(row, given) for row in self.rows], beside=beside)
        self.train(main)
        while self.looks and (more := self.undecided(main)):
            main.console.print(f"{main.name}: not decided yet, {count(len(more), 'run')} more")
            main.add([self.on_budget(row, given) for row in more])
            self.train(main)
        unfinished = main.end()
        if self.tune and not unfinished:
            unfinished = self.tuned(main, self.tune)
        return unfinished

    def study(self, suffix: str, rows: list[Words], **changes: Any) -> Study:
        ask = Ask(
            name=self.name + suffix,
            axes=self.grid.axes,
            baseline=self.grid.baseline,
            rows=rows,
            facts={"design": self.design.as_json(), "looks": self.looks} | changes.pop("facts", {}),
            nuisance=("epochs",) if self.options["budget"] != "epochs" else (),
        )
        return Study(self.config, replace(ask, **changes), self.load, self.experiment)

    def train(self, study: Study) -> None:
        study.begin()
        with handling(study.rounds.stop):
            self.rounds(study)

    def undecided(self, study: Study) -> list[Words]:
        """Overrides of the runs that the questions still open want next, for `sweep.seeds=auto`."""
        from ablate.report.findings import Asked
        from ablate.report.next_seeds import next_runs

        records = study.records()
        if any(r["state"] != "done" for r in records):
            return []  # to be mended first; the same command then goes on
        wanted = next_runs(records, record.read_plan(study.folder), Asked())
        return [self.grid.row(cell, f"seed={seed}") for cell, seed in wanted]

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the design, each once, and the baseline."""
        found = [self.grid.cell(row) for row in self.rows] + [self.grid.baseline]
        return [dict(cell) for cell in dict.fromkeys(tuple(sorted(cell.items())) for cell in found)]

    def epochs(self) -> dict[str, int]:
        """Epochs of each cell by its label, so that all spend what the baseline does; {} for the recipe's."""
        kind = self.options["budget"]
        if kind == "epochs":
            return {}
        costs = self.seconds() if kind == "seconds" else self.flops()  # both check the configuration
        epochs = int(self.config.epochs)
        try:
            reference = costs[label(sorted(self.grid.baseline.items()))]
            given = budget.equal_epochs(costs, reference, epochs, kind)
        except ValueError as e:
            raise UserError(str(e)) from None
        if line := budget.coarse(budget.shares(costs, reference, epochs, given), epochs, given, kind):
            print(line)
        return given

    def flops(self) -> dict[str, float]:
        """FLOPs of training with one image, by the label of the cell."""
        rows = [self.grid.row(cell) for cell in self.cells]
        runs, problems = compose_all(rows, self.grid.axes, self.compose, self.experiment)
        if problems:
            raise UserError(*problems)
        found = {label(run.cell): self.experiment.flops(run.config) for run in runs}
        if unknown := [cell for cell, flops in found.items() if flops is None]:
            raise UserError(
                f"sweep.budget=flops: the FLOPs of {unknown[0]} are not known; sweep.budget=seconds works"
            )
        return {cell: flops for cell, flops in found.items() if flops is not None}

    def seconds(self) -> dict[str, float]:
        """Seconds of an epoch, by the label of the cell, measured by a run of one epoch each."""
        seed, *_ = tuning.tuning_seeds((), 1)
        rows = [self.grid.row(cell, f"seed={seed}", "epochs=1") for cell in self.cells]
        pilot = self.study("-pilot", rows, test=False)
        self.train(pilot)
        if not all(r["state"] == "done" for r in pilot.records()):
            raise Unfinished(pilot.end())
        return {label(r["cell"]): budget.per_epoch(r, "seconds") for r in pilot.records()}

    def on_budget(self, row: Words, given: dict[str, int]) -> Words:
        cell = label(sorted(self.grid.cell(row).items()))
        return replaced(row, f"epochs={given[cell]}") if given else row

    def tuned(self, main: Study, tune: dict[str, list[str]]) -> int:
        """Tunes the values for each cell and trains the study with them; returns how many runs are not done."""
        keys, seeds = list(tune), tuning.tuning_seeds({run.seed for run in main.runs}, self.options["tune_seeds"])
        first = {label(run.cell): run for run in reversed(main.runs)}
        rows = [
            replaced(run.overrides, *words(values), f"seed={seed}")
            for run in first.values()
            for values in tuning.candidates(tune)
            for seed in seeds
        ]
        trials = self.study("-tuning", rows, axes=[*self.grid.axes, *keys], facts={"tunes": keys}, test=False)
        self.train(trials)
        try:
            chosen = tuning.choose(trials.records(), [run.cell for run in first.values()], tune, seeds)
        except ValueError as e:  # of a cell no value is left
            print(e)
            return trials.end()
        values = {label(one.cell): one.values for one in chosen}
        facts = {"of": main.name, "tuning": trials.name, "keys": tune, "seeds": seeds}
        facts["chosen"] = [one.as_json() for one in chosen]
        nuisance = (*main.ask.nuisance, *keys)
        rows = [replaced(run.overrides, *words(values[label(run.cell)])) for run in main.runs]
        best = self.study("-tuned", rows, facts={"tuned": facts}, nuisance=nuisance)
        self.train(best)
        return best.end()

    def tuned_values(self) -> dict[str, list[str]] | None:
        """`sweep.tune`, where a word stands for half, once and twice a key's own value. Raises ValueError."""
        tune = self.options["tune"]
        if isinstance(tune, str):
            key = SHORT.get(tune, tune)
            value = OmegaConf.select(self.config, key)
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                raise ValueError(f"sweep.tune={tune}: {key} is no number; name values: {{{key}: [1e-3, 4e-3]}}")
            tune = {key: [f"{value * factor:g}" for factor in AROUND]}
        if tune and (both := [key for key in tune if key in (*self.grid.axes, "seed")]):
            raise ValueError(f"sweep.tune: {both[0]} is swept; what is tuned is no axis")
        if tune:
            tuning.candidates(tune)  # raises
        return {key: [str(value) for value in values] for key, values in tune.items()} if tune else None


def words(values: dict[str, str]) -> Words:
    return [f"{key}={value}" for key, value in values.items()]
