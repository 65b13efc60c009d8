"""Hydra composes each choice of groups once, which takes it 0.1 s; other values are then set in a copy of that."""

import copy
import os
import pickle
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cloudpickle
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override, OverrideType
from hydra.plugins.config_source import ConfigSource
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf

from ablate.config import grammar

MOST_MADE = 256  # choices of groups that are kept, of about 25 kB each
CHANGES = (OverrideType.CHANGE, OverrideType.FORCE_ADD)  # `key=value` and `++key=value`
OF_A_STUDY = ("hydra.sweep.", "hydra.sweeper.")  # of Hydra's own keys those that do not change how it composes

Command = tuple[str | None, tuple[str, ...]]  # the name of its config, and its words for Hydra

parsed = lru_cache(4096)(grammar.parsed)


@dataclass
class Memory:
    """What Hydra was asked: configs by the words that choose, which keys are groups, the groups at the top."""

    made: dict[tuple[Command, tuple[str, ...]], bytes] = field(default_factory=dict)
    is_group: dict[tuple[str, Command], bool] = field(default_factory=dict)
    roots: dict[Command, set[str]] = field(default_factory=dict)


class Loader(ConfigLoader):
    """Another loader with a memory: what it loads equals what the other would load, to the last key.

    `master` is the config of the command as Hydra composed it. Hydra 1.4 refuses runs with another sweeper or
    launcher, and by now the command has given its own a name, and perhaps another launcher. The memory is not
    pickled, since a launcher may pickle the loader once a job.
    """

    def __init__(self, other: ConfigLoader, master: DictConfig | None = None) -> None:
        self.other, self.master, self.memory = other, master, Memory()

    def __reduce__(self) -> tuple[type["Loader"], tuple[ConfigLoader, DictConfig | None]]:
        return Loader, (self.other, self.master)

    def load_sweep_config(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        overrides = [one for word in sweep_overrides if (one := parsed(word))]
        searches = any(one.key_or_group == "hydra.searchpath" for one in overrides)
        if len(overrides) == len(sweep_overrides) and not searches:
            try:
                return self.copied(master_config, overrides)
            except Exception:  # what is wrong is said by the other
                pass
        return self.made_by_hydra(master_config, sweep_overrides)

    def made_by_hydra(self, master: DictConfig, words: list[str]) -> DictConfig:
        made = self.other.load_sweep_config(master if self.master is None else self.master, words)
        OmegaConf.copy_cache(from_config=master, to_config=made)
        return made

    def copied(self, master: DictConfig, overrides: list[Override]) -> DictConfig:
        """What was made of the words that choose, with the values of the others."""
        given = list(master.hydra.overrides.hydra)
        of = (master.hydra.job.config_name, tuple(given))
        chosen, values = self.apart(overrides, of, master.hydra.runtime.choices)
        words = (of, tuple(chosen))
        made = self.memory.made
        if words not in made:
            if len(made) >= MOST_MADE:
                del made[next(iter(made))]
            made[words] = cloudpickle.dumps(self.made_by_hydra(master, chosen))
        config: DictConfig = pickle.loads(made[words])
        for one in values:
            added = one.type == OverrideType.FORCE_ADD
            OmegaConf.update(config, one.key_or_group, one.value(), merge=True, force_add=added)
        say(config, given, overrides)
        OmegaConf.copy_cache(from_config=master, to_config=config)
        return config

    def apart(
        self, overrides: Sequence[Override], of: Command, groups: Collection[str]
    ) -> tuple[list[str], list[Override]]:
        """(Words that choose, add or delete, with those they come after; the values that are set after them).

        `groups` are some that are known, which need not be asked for.
        """
        chooses = [one.key_or_group in groups or self.is_group(one.key_or_group, of) for one in overrides]
        others = (n for n, one in enumerate(overrides, 1) if not chooses[n - 1] and not sets_a_value(one))
        first = max(others, default=0)
        is_value = [n >= first and not chose for n, chose in enumerate(chooses)]
        chosen = [str(one.input_line) for one, value in zip(overrides, is_value, strict=True) if not value]
        return chosen, [one for one, value in zip(overrides, is_value, strict=True) if value]

    def is_group(self, key: str, of: Command) -> bool:
        known, name, words = self.memory, of[0], list(of[1])
        if of not in known.roots:
            known.roots[of] = set(self.other.get_group_options("", ObjectType.GROUP, name, words))
        if key.split("/")[0] not in known.roots[of]:
            return False
        if (key, of) not in known.is_group:
            known.is_group[key, of] = bool(self.other.get_group_options(key, None, name, words))
        return known.is_group[key, of]

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        return self.other.load_configuration(
            config_name, overrides, run_mode, from_shell, validate_sweep_overrides
        )

    def get_search_path(self) -> ConfigSearchPath:
        return self.other.get_search_path()

    def get_sources(self) -> list[ConfigSource]:
        return self.other.get_sources()

    def list_groups(self, parent_name: str) -> list[str]:
        return self.other.list_groups(parent_name)

    def get_group_options(
        self,
        group_name: str,
        results_filter: ObjectType | None = ObjectType.CONFIG,
        config_name: str | None = None,
        overrides: list[str] | None = None,
    ) -> list[str]:
        return self.other.get_group_options(group_name, results_filter, config_name, overrides)

    def compute_defaults_list(self, config_name: str | None, overrides: list[str], run_mode: RunMode) -> Any:
        return self.other.compute_defaults_list(config_name, overrides, run_mode)


def remembering(context: HydraContext, master: DictConfig) -> HydraContext:
    """A context whose loader has a memory; `master` is the config of the command, of which it keeps a copy."""
    return HydraContext(Loader(context.config_loader, copy.deepcopy(master)), context.callbacks)


def sets_a_value(one: Override) -> bool:
    """Whether an override sets one value of a key that Hydra does not compose by."""
    key = one.key_or_group
    is_free = key.split(".")[0] != "hydra" or key.startswith(OF_A_STUDY)
    return is_free and one.type in CHANGES and one.package is None and not one.is_sweep_override()


def say(config: DictConfig, given: list[str], overrides: Sequence[Override]) -> None:
    """Notes in Hydra's part of a config which words it was made of, and where."""
    theirs = [str(one.input_line) for one in overrides if one.is_hydra_override()]
    task = [one for one in overrides if not one.is_hydra_override()]
    hydra = config.hydra
    hydra.overrides.hydra, hydra.overrides.task = [*given, *theirs], [str(one.input_line) for one in task]
    if not OmegaConf.is_interpolation(hydra.job, "override_dirname"):  # as which Hydra 1.4 has it
        shape = hydra.job.config.override_dirname
        shown = sorted(str(one.input_line) for one in task if one.key_or_group not in shape.exclude_keys)
        hydra.job.override_dirname = shape.item_sep.join(shown).replace("=", shape.kv_sep)
    hydra.runtime.cwd = os.getcwd()
