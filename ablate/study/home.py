"""Where a program's config has what a study asks for: ours at its root, any other under `hydra.sweeper`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from ablate.config.errors import UserError
from ablate.config.plain import choices_of, plain
from ablate.config.words import can_be_axis, key_of
from ablate.records.identity import hashed, identity
from ablate.study.composed import Composed
from ablate.study.program import folders, places

OURS = "sweep"  # the node with the options of our own training
THEIRS = "hydra.sweeper"


@dataclass(frozen=True)
class Home:
    """`options` is the node with the keys of a study, `name` and `seed` are the keys of its name and its seed.

    `ignore` are keys, with all inside them, in which runs may differ and be the same run; `fill` has the values
    with which they count all the same, where runs on the disk were done before they were ignored.
    """

    options: str = OURS
    name: str = "name"
    seed: str = "seed"
    ignore: tuple[str, ...] = ()
    fill: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        return self.options == OURS

    @property
    def first_seed(self) -> int:
        """Of the seeds that are counted out; programs that ask `if seed:` do not seed with 0."""
        return 0 if self.is_ours else 1

    def option(self, key: str) -> str:
        return f"{self.options}.{key}"

    def may_be_axis(self, key: str) -> bool:
        """Whether runs that differ in this key are different runs."""
        return can_be_axis(key) if self.is_ours else key.split(".")[0] != "hydra"

    def is_seed(self, word: str) -> bool:
        return key_of(word) == self.seed

    def said(self, line: str) -> str:
        """A line that speaks of `sweep.zip`, in the words of this program."""
        return line if self.is_ours else re.sub(r"(?<![\w.])sweep\.(?=[a-z])", f"{self.options}.", line)

    def folder(self, config: DictConfig, name: str) -> Path:
        """Where the runs of a study go: where Hydra would put a sweep, if that is the same place each time."""
        if self.is_ours:
            return Path(str(config.hydra.sweep.dir))
        return folders.of_study(config, name)

    def read(self, cfg: DictConfig) -> Composed:
        """A composed config, with Hydra's part, as plain data."""
        choices = choices_of(cfg.hydra)
        if self.is_ours:
            config = plain(cfg, resolve=True)
            return Composed(config, plain(cfg, resolve=False), choices, config)
        config, identity = places.read(cfg, self.ignore)
        return Composed(config, {}, choices, identity | dict(self.fill))

    def refuse_no_seed(self, config: DictConfig, axes: Iterable[str], counted: bool) -> None:
        """UserError where seeds are `counted` out for a key that is not there, or an axis looks like the seed."""
        if self.is_ours or has(config, self.seed):
            return
        here = f"{THEIRS}.seed={self.seed}: this program has no such key"
        if looks := [axis for axis in axes if axis.split(".")[-1].endswith("seed")]:
            raise UserError(f"{here}, and {looks[0]} is swept; {THEIRS}.seed={looks[0]} if it is the seed")
        if counted:
            keys = places.leaves(places.as_written(config))
            known = [key for key in keys if key.split(".")[-1].endswith("seed")]
            there = f"{' and '.join(known)} may be meant" if known else f"{THEIRS}.seed=KEY names its own"
            raise UserError(f"{here}; {there}")

    def identity(self, composed: Composed, content: Mapping[str, str]) -> str:
        """The id of a run, or of a recipe; `content` are digests of what the config names only by its place."""
        if self.is_ours:
            return identity(composed.identity, content)
        return hashed(composed.identity, content)

    def seed_of(self, composed: Composed) -> int:
        """The seed of a run; 0 for one whose program is given none."""
        node: object = composed.config
        for part in self.seed.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return node if isinstance(node, int) and not isinstance(node, bool) else 0


def has(config: DictConfig, key: str) -> bool:
    """Whether a config has a key, also one without a value."""
    parent, _, leaf = key.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    return OmegaConf.is_dict(node) and leaf in list(node)  # of a dict node `in` asks for a value too


def home_of(sweeper: DictConfig) -> Home:
    """The home of a program, by its `hydra.sweeper`."""
    if sweeper.get("options", OURS) == OURS:  # hydra/sweeper=survey is only for our own
        return Home()
    ignore = OmegaConf.to_container(sweeper.ignore, resolve=True) if sweeper.get("ignore") else []
    assert isinstance(ignore, list)
    return Home(THEIRS, f"{THEIRS}.name", str(sweeper.seed or "seed"), tuple(map(str, ignore)))
