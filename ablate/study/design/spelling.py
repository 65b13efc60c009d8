"""Numbers of a command in the spelling of the configuration: `clip=5` is `clip=5.0` where the default is 5.0.

Two spellings of one number would else be two arms, two ids, and no baseline.
"""

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ablate.config import grammar
from ablate.config.words import Words, key_of
from ablate.records.values import alike, has_whole, spelled

NOT_OF_A_RUN = ("hydra", "sweep")
WHOLE = re.compile(r"[A-Za-z_][\w.]*=(0|[1-9]\d{0,17})")  # a number that needs no grammar, which takes 1 ms


class Spelling:
    """`load` composes the config of a run from its overrides, `roots` are the keys at the root of a config.

    `fixed` are the words of all rows: with them a config is composed that the study needs anyway.
    """

    def __init__(self, load: Callable[[Words], DictConfig], roots: set[str], fixed: Collection[str] = ()) -> None:
        self.roots, self.fixed = roots, fixed
        self.parsed = cache(parsed)
        self.config = cache(lambda words: composed(load, words))  # 50 ms each
        self.default = cache(lambda words, key: default(self.config(words), key))

    def row(self, row: Words) -> Words:
        return [self.word(word, row) for word in row]

    def word(self, word: str, row: Words) -> str:
        key, value = key_of(word), self.parsed(word)
        if not has_whole(value) or key.split(".")[0] in NOT_OF_A_RUN:
            return word
        choices = tuple(w for w in row if (w in self.fixed or self.may_set(key_of(w), key)) and self.is_choice(w))
        return f"{word.partition('=')[0]}={spelled(alike(value, self.default(choices, key)))}"

    def is_choice(self, word: str) -> bool:
        """Whether a word may be the choice of a group."""
        return isinstance(self.parsed(word), str) and "." not in key_of(word)

    def may_set(self, group: str, key: str) -> bool:
        """Whether the default of a key may depend on a group: its own, or one that sets keys all over."""
        return key.startswith(f"{group}.") or group not in self.roots


def in_kind(key: str, value: object, config: DictConfig | None) -> str:
    """How a value of a key is spelled where `config` gives the default; a word may be a number."""
    number = parsed(f"{key}={value}") if isinstance(value, str) else value
    return spelled(alike(number, default(config, key)) if has_whole(number) else value)


def parsed(word: str) -> Any:
    """The value of an override; None for a word without one."""
    if whole := WHOLE.fullmatch(word):
        return int(whole[1])
    override = grammar.parsed(word)
    return override.value() if override else None  # who composes it says what is wrong


def composed(load: Callable[[Words], DictConfig], words: tuple[str, ...]) -> DictConfig | None:
    try:
        return load(list(words))
    except (HydraException, OmegaConfBaseException):
        return None


def default(config: DictConfig | None, key: str) -> Any:
    """The value of a key as plain data; None where there is none."""
    if config is None:
        return None
    try:
        found = OmegaConf.select(config, key)
    except OmegaConfBaseException:
        return None
    return OmegaConf.to_container(found) if OmegaConf.is_config(found) else found
