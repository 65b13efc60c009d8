"""From the words of a command to the overrides of its runs: all combinations, or those of a design."""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from ablate.config.choices import quote_choices
from ablate.config.errors import UserError
from ablate.config.sweeps import MOST_VALUES, finite
from ablate.config.words import Words, key_of, replaced, value_of
from ablate.records.values import spelled
from ablate.study.design.cells import Cell, Design, design
from ablate.study.design.no_axis import refused
from ablate.study.design.spelling import Spelling, default
from ablate.study.home import Home, home_of
from ablate.study.options import Sweep


@dataclass(frozen=True)
class Combinations:
    """`rows` holds every combination of values. `quote` makes Hydra's grammar take a word for a choice."""

    rows: list[Words]
    axes: list[str]
    baseline: Cell
    quote: Callable[[list[str]], list[str]]
    home: Home = field(default_factory=Home)

    @cached_property
    def arms(self) -> dict[str, list[str]]:
        """Choices of each axis, in the order given."""
        found: dict[str, dict[str, None]] = {axis: {} for axis in self.axes}
        for row in self.rows:
            for axis, choice in self.cell(row).items():
                found[axis][choice] = None
        return {axis: list(choices) for axis, choices in found.items()}

    def seed_word(self, seed: int) -> str:
        return f"{self.home.seed}={seed}"

    @cached_property
    def seeds(self) -> list[Words]:
        """The overrides that give the seeds, each in a list; one empty list when the command names none."""
        words = dict.fromkeys(word for row in self.rows for word in row if self.home.is_seed(word))
        return [[word] for word in words] or [[]]

    def cell(self, row: Words) -> Cell:
        values = {key_of(word): value_of(word) for word in row}
        return {axis: values[axis] for axis in self.axes}

    def alone(self) -> list[Words]:
        """The cells that differ from the baseline in one arm only, and the baseline."""
        return [self.row(cell) for cell in design(self.arms, self.baseline, kind="one_at_a_time").cells]

    @cached_property
    def written(self) -> dict[tuple[str, str], str]:
        """Each word of the command by its key and value."""
        return {(key_of(word), value_of(word)): word for row in self.rows for word in row}

    def row(self, cell: Cell, *more: str) -> Words:
        """The overrides of a cell that need not be in the grid; `more` go last, and win."""
        words = []
        for word in self.rows[0]:
            axis = key_of(word)
            if axis in cell:
                word = self.written.get((axis, cell[axis])) or self.quote([f"{axis}={cell[axis]}"])[0]
            words.append(word)
        return replaced(words, *more)

    def asked(self, options: Sweep) -> tuple[list[Words], Design, list[int] | None]:
        """What `sweep.design`, `zip` and `seeds` ask for -> overrides, design, numbers of seeds at each look.

        UserError for what cannot be done.
        """
        try:
            return self.designed(options)
        except ValueError as e:
            raise UserError(self.home.said(str(e))) from None

    def designed(self, options: Sweep) -> tuple[list[Words], Design, list[int] | None]:
        found = design(self.arms, self.baseline, kind=options.design, zipped=options.zip)
        seeds, at = self.seeds, None
        if options.seeds is not None:
            if seeds != [[]]:
                raise ValueError(f"sweep.seeds={options.seeds} and {self.home.seed}=: name one of them")
            number = options.seeds
            if number == "auto":
                refuse_many(options.seeds_max)
                at = looks(options.seeds_min, options.seeds_max, options.seeds_step)
                number = at[0]
            refuse_many(len(found.cells) * max(number, options.seeds_max if at else 0))
            first = self.home.first_seed
            seeds = [[self.seed_word(seed)] for seed in range(first, first + number)]
        elif found.kind == "full" and not found.zip:
            return self.rows, found, None  # in the order that the command gives
        return [self.row(cell, *seed) for cell in found.cells for seed in seeds], found, at


def looks(least: int, most: int, step: int) -> list[int]:
    """How many seeds there are each time a study looks whether all is decided: from `least` to `most`."""
    if least < 2 or most < least or step < 1:
        text = f"sweep.seeds_min={least} seeds_max={most} seeds_step={step}"
        raise ValueError(f"{text}: needs 2 <= min <= max and a step of 1 or more")
    return [*range(least, most, step), most]


def grid_of(
    config: DictConfig,
    loader: ConfigLoader,
    params: dict[str, str],
    arguments: list[str],
    before: Mapping[str, str] = MappingProxyType({}),
) -> Combinations:
    """All combinations of `hydra.sweeper.params` and the words of a command, and the baseline of its axes.

    An axis has several values, or one if it is an axis of the study `before`, which says its arm in the baseline.
    UserError for sweeps that are none, or of keys that can be no axis.
    """
    sources = config.hydra.runtime.config_sources
    quote = partial(quote_choices, places=[Path(source.path) for source in sources if source.schema == "file"])
    words = [*quote([f"{key}={value}" for key, value in params.items()]), *arguments]
    overrides = OverridesParser.create(loader).parse_overrides(words)
    last = {o.get_key_element(): o for o in overrides}  # later words win
    home = home_of(config.hydra.sweeper)
    if home.is_ours and (lines := refused(list(last.values()), config)):
        raise UserError(*lines)
    named = {key_of(f"{key}="): override for key, override in last.items() if not override.is_delete()}
    swept = [axis for axis, override in named.items() if override.is_sweep_override() or axis in before]
    axes = [axis for axis in swept if axis != home.seed]
    chosen = config.hydra.runtime.choices
    baseline = {axis: str(chosen[axis]) if axis in chosen else spelled(default(config, axis)) for axis in axes}
    baseline |= {axis: arm for axis, arm in before.items() if axis in axes and not named[axis].is_sweep_override()}
    several_of_each = [values(override) for override in last.values()]
    rows = combined(several_of_each)
    fixed = {one[0] for one in several_of_each if len(one) == 1}
    spelling = Spelling(lambda words: loader.load_sweep_config(config, words), set(map(str, config)), fixed)
    return Combinations([spelling.row(row) for row in rows], axes, baseline, quote, home)


def values(override: Override) -> list[str]:
    """`pos=none` and `pos=learned` of `pos=none,learned`. UserError for a sweep without values, or an end."""
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [key if "=" not in (override.input_line or "=") else f"{key}={override.get_value_element_as_str()}"]
    finite(override)
    return [f"{key}={value}" for value in override.sweep_string_iterator()]


def combined(several: list[list[str]]) -> list[Words]:
    """One of each, in every combination. UserError for more than can be planned."""
    refuse_many(math.prod(map(len, several)))
    return [list(row) for row in itertools.product(*several)]


def refuse_many(runs: int) -> None:
    """UserError for more runs than can be planned."""
    if runs > MOST_VALUES:
        raise UserError(f"{runs:,} runs are asked for; a study has {MOST_VALUES:,} at most")
