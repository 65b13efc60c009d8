"""From the overrides of a run to its config; Hydra composes each cell once, as that takes 50 ms."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from omegaconf import DictConfig

from ablate.config import check
from ablate.config.words import key_of
from ablate.study.composed import Composed
from ablate.study.home import Home

Load = Callable[[list[str]], DictConfig]
SEED = re.compile(r"seed=(\d{1,18})")  # a seed that reads as itself; a longer one may be too large
READS_SEED = re.compile(r"\$\{[^}]*\bseed\b")  # a value that is made of the seed


class Composer:
    """Composes overrides. A seen cell gets another seed without Hydra, if no other value is made of the seed.

    That is for our own config: in another, who knows what is made of what? Raises what Hydra raises.
    """

    def __init__(self, load: Load, home: Home) -> None:
        self.load, self.home = load, home
        self.seen: dict[tuple[str, ...], Composed] = {}
        self.numbers = count()

    def __call__(self, overrides: list[str]) -> tuple[Composed, bool]:
        """-> (the composed run, whether it is a seen cell with another seed)."""
        rest = tuple(word for word in overrides if key_of(word) != "seed")
        seeds = [found[1] for word in overrides if (found := SEED.fullmatch(word))]
        if not self.home.is_ours or len(seeds) != 1 or len(rest) + 1 != len(overrides):
            return self.composed(overrides), False
        if rest in self.seen:
            first = self.seen[rest]
            config = first.config | {"seed": int(seeds[0])}
            return replace(first, config=config, identity=config), True
        one = self.composed(overrides)
        if not any(READS_SEED.search(text) for text in check.strings(one.unresolved)):
            self.seen[rest] = one
        return one, False

    def composed(self, overrides: list[str]) -> Composed:
        return replace(self.home.read(self.load(overrides)), number=next(self.numbers))
