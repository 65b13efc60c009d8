"""From the overrides of a run to its config; Hydra composes each cell once, as that takes 50 ms."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from omegaconf import DictConfig

from ablate.config import check
from ablate.config.plain import choices_of, plain
from ablate.config.words import key_of

Load = Callable[[list[str]], DictConfig]
SEED = re.compile(r"seed=(\d{1,18})")  # a seed that reads as itself; a longer one may be too large
READS_SEED = re.compile(r"\$\{[^}]*\bseed\b")  # a value that is made of the seed


@dataclass(frozen=True)
class Composed:
    """A run's config, resolved and as written, and the choice of each group.

    `number` is equal for runs that Hydra composed at once: they differ in the seed only.
    """

    config: dict[str, Any]
    unresolved: dict[str, Any]
    choices: dict[str, str]
    number: int


class Composer:
    """Composes overrides. A seen cell gets another seed without Hydra, if no other value is made of the seed.

    Raises what Hydra raises.
    """

    def __init__(self, load: Load) -> None:
        self.load = load
        self.seen: dict[tuple[str, ...], Composed] = {}
        self.numbers = count()

    def __call__(self, overrides: list[str]) -> tuple[Composed, bool]:
        """-> (the composed run, whether it is a seen cell with another seed)."""
        rest = tuple(word for word in overrides if key_of(word) != "seed")
        seeds = [found[1] for word in overrides if (found := SEED.fullmatch(word))]
        if len(seeds) != 1 or len(rest) + 1 != len(overrides):
            return self.composed(overrides), False
        if rest in self.seen:
            first = self.seen[rest]
            return replace(first, config=first.config | {"seed": int(seeds[0])}), True
        one = self.composed(overrides)
        if not any(READS_SEED.search(text) for text in check.strings(one.unresolved)):
            self.seen[rest] = one
        return one, False

    def composed(self, overrides: list[str]) -> Composed:
        cfg = self.load(overrides)
        choices = choices_of(cfg.hydra)
        return Composed(plain(cfg, resolve=True), plain(cfg, resolve=False), choices, next(self.numbers))
