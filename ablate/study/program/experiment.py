"""Somebody else's program as a study sees it: a function that takes a config and has a number at its end."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType

from hydra.types import TaskFunction
from omegaconf import DictConfig, OmegaConf

from ablate.records.attempt import Anew
from ablate.records.run_record import label, telling
from ablate.records.stop import Stopped, handling
from ablate.study.experiment import Attempt, DryBuild, Experiment, find
from ablate.study.options import ProgramOptions, program_options
from ablate.study.program import alone, told, wandb
from ablate.study.program.metric import NoMetric, also, measured, named

Whole = Mapping[str, object]  # a config, of which nothing is read here


def of(sweeper: DictConfig) -> Experiment:
    """The experiment of a command: the one that is named, or the program's own function. Raises UserError."""
    if sweeper.experiment is not None:
        return find(sweeper.experiment)
    return Program(program_options(sweeper))


class Program:
    """The experiment of a program that knows nothing of us. What it needs only for a run, its job gives it."""

    keys = None
    preload = ()
    metrics = ()
    costs = ("train_s",)

    def __init__(
        self,
        options: ProgramOptions,
        task: TaskFunction | None = None,
        cfg: DictConfig | None = None,
        hydra: DictConfig | None = None,
    ) -> None:
        self.options, self.task, self.cfg, self.hydra = options, task, cfg, hydra

    def dry_build(self, config: Whole) -> DryBuild:
        """Nothing is known of what a program builds."""
        return DryBuild()

    def content(self, config: Whole) -> dict[str, str]:
        """Nor of what it reads."""
        return {}

    def prepare(self, configs: Iterable[Whole]) -> None:
        """It prepares itself."""

    def flops(self, config: Whole) -> float | None:
        """Not known."""
        return None

    def train(self, config: Whole, attempt: Attempt) -> None:
        """Calls the program's function, and notes the numbers that it returned, logged or wrote."""
        assert self.task is not None
        assert self.cfg is not None
        assert self.hydra is not None
        begun = time.perf_counter()
        goes_on = (attempt.record.attempts or 1) > 1
        with (
            told.listening(attempt.folder, attempt.record.id, goes_on=goes_on) as heard,
            alone.command(self.hydra),
            wandb.environment(attempt.record),
        ):
            value = stopping(self.task, self.cfg, attempt.pause)
        try:
            metrics = measured(value, heard.numbers, attempt.folder, self.options.metric)
        except NoMetric as e:
            if self.resumed(
                attempt.folder
            ):  # it was cut off after its last step, and there was nothing left to do or to say
                raise Anew from e
            raise
        if self.options.tune_metric:
            metrics = also(metrics, attempt.folder, self.options.tune_metric)
        attempt.note(metrics=metrics, cost={"train_s": time.perf_counter() - begun})
        self.say(attempt)

    def resumed(self, folder: Path) -> bool:
        """Whether the program was given what an earlier attempt of this run has left."""
        assert self.cfg is not None
        given = {OmegaConf.select(self.cfg, key): file for key, file in self.options.resume.items()}
        return any(str(at) == str((folder / file).absolute()) for at, file in given.items())

    def say(self, attempt: Attempt) -> None:
        run, (place, of), name = attempt.record, attempt.place, named(self.options.metric)
        what = f"{label(run.cell, telling(run.overrides))} seed={run.seed}"
        print(f"{f'{place}/{of} ' if of > 1 else ''}{what}  {name} {run.metrics[name]:.6g}", flush=True)


def stopping(task: TaskFunction, cfg: DictConfig, pause: Callable[[], None]) -> object:
    """What a function returns. A signal stops it, also where it catches that and ends in its own way.

    Lightning makes a SystemExit of Ctrl-C, and comes to its end on SIGTERM. `pause` raises Stopped for one that
    came before.
    """
    seen: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        seen.append(number)
        raise Stopped(number)

    with handling(stop):
        pause()
        try:
            value: object = task(cfg)
        except Stopped:
            raise
        except BaseException as e:
            if number := (seen[0] if seen else signal_of(e)):
                raise Stopped(number) from e
            raise
        if seen:
            raise Stopped(seen[0])
        return value


def signal_of(error: BaseException) -> int | None:
    """The signal that an exit code stands for: 143 is SIGTERM, 130 Ctrl-C."""
    code = error.code if isinstance(error, SystemExit) else None
    return code - 128 if code in (130, 143) and isinstance(code, int) else None
