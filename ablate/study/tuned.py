"""`sweep.tune`: which values are tried for each cell, and the study with those that were chosen."""

from collections.abc import Collection

from omegaconf import DictConfig

from ablate.config.choices import quote_choices
from ablate.config.errors import UserError
from ablate.config.grammar import typed
from ablate.config.words import Words, replaced
from ablate.records.record import label
from ablate.study.design import tuning
from ablate.study.design.around import around, named
from ablate.study.design.combinations import Combinations
from ablate.study.design.no_axis import braces
from ablate.study.design.spelling import in_kind
from ablate.study.experiment import Experiment
from ablate.study.home import Home
from ablate.study.launch.elsewhere import Here
from ablate.study.runs import Load, Run, compose_all

Values = dict[str, list[str]]  # of each key that is tuned


def values(
    tune: tuning.Candidates | list | str | None, config: DictConfig, axes: Collection[str], home: Home
) -> Values | None:
    """`sweep.tune`, where a key alone stands for half of its value, its value, and twice its value.

    Raises UserError.
    """
    try:
        return wanted(tune, config, axes, home)
    except ValueError as e:
        raise UserError(home.said(str(e))) from None


def wanted(
    tune: tuning.Candidates | list | str | None, config: DictConfig, axes: Collection[str], home: Home
) -> Values | None:
    """The same. Raises ValueError."""
    if isinstance(tune, list):
        told = f"sweep.tune=[{','.join(map(str, tune))}]: a key that is tuned needs values"
        raise ValueError(f"{told}: {typed(braces(list(map(str, tune)), config))}")
    if isinstance(tune, str):
        try:
            tune = dict([around(tune, config)])
        except ValueError as e:
            raise ValueError(f"sweep.tune={tune}: {e}") from None
    if not tune:
        return None
    tune = {named(key, config): choices for key, choices in tune.items()}
    if both := [key for key in tune if key in (*axes, home.seed)]:
        raise ValueError(f"sweep.tune: {both[0]} is swept; a key is either swept or tuned")
    if idle := [key for key in tune if not home.may_be_axis(key)]:
        raise ValueError(f"sweep.tune: {idle[0]} does not change what a run is, so there is nothing to choose")
    tuning.candidates(tune)  # raises
    found = {
        key: list(dict.fromkeys(in_kind(key, one, config) for one in choices)) for key, choices in tune.items()
    }
    tuning.candidates(found)  # raises where one number was named twice
    return found


def check(
    grid: Combinations, rows: list[Words], tune: Values, load: Load, experiment: Experiment, call: Here
) -> None:
    """Composes and builds each cell with every combination of values. UserError with all that is wrong."""
    firsts = {label(sorted(grid.cell(row).items())): row for row in reversed(rows)}.values()
    tried = [replaced(row, *words(candidate)) for row in firsts for candidate in tuning.candidates(tune)]
    for some, axes in ((list(firsts), grid.axes), (tried, [*grid.axes, *tune])):
        if problems := compose_all(some, axes, load, experiment, grid.home, call=call)[1]:
            raise UserError(*problems)


def first_of_cells(runs: list[Run]) -> list[Run]:
    """One run of each cell: the first."""
    return list({label(run.cell): run for run in reversed(runs)}.values())


def trials(runs: list[Run], tune: Values, seeds: list[int], seed_key: str) -> list[Words]:
    """Overrides that try every combination of values in each cell, with seeds that the verdict does not use."""
    return [
        replaced(run.overrides, *words(candidate), f"{seed_key}={seed}")
        for run in first_of_cells(runs)
        for candidate in tuning.candidates(tune)
        for seed in seeds
    ]


def rows(runs: list[Run], chosen: list[tuning.Chosen]) -> list[Words]:
    """The same runs with the values chosen for their cells."""
    found = {label(one.cell): one.values for one in chosen}
    return [replaced(run.overrides, *words(found[label(run.cell)])) for run in runs]


def words(values: dict[str, str]) -> Words:
    return quote_choices([f"{key}={value}" for key, value in values.items()])
