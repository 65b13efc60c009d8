"""From overrides to runs: each composed, checked, built once without memory, and given its identity."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from hydra.errors import CompactHydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from ablate.config import check
from ablate.config.errors import explain
from ablate.config.plain import choices_of, plain
from ablate.config.words import key_of, shown, value_of, wording
from ablate.records import record
from ablate.records.record import label
from ablate.study.experiment import DryBuild, Experiment

Load = Callable[[list[str]], DictConfig]


@dataclass(frozen=True)
class Run:
    """One cell with one seed, composed and found sound; one that study.json knows to be done has no config."""

    id: str
    cell: dict[str, str]
    seed: int
    recipe: str
    overrides: list[str]
    choices: dict[str, str] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """What study.json keeps of it, and what its job needs to know."""
        kept = {k: getattr(self, k) for k in ENTRY}
        return kept | {"overrides": shown(self.overrides)}


ENTRY = ("id", "cell", "seed", "recipe")


def compose_all(
    grid: list[list[str]],
    axes: list[str],
    load: Load,
    experiment: Experiment,
    known: Mapping[tuple[str, ...], dict] = MappingProxyType({}),
    twins: dict[str, str] | None = None,
    nuisance: Iterable[str] = (),
) -> tuple[list[Run], list[str]]:
    """Composes and checks every combination of overrides -> (runs without duplicates, problems).

    `known` holds lines of study.json by their `wording`: runs that need no composing, which costs 50 ms each.
    `twins` is told of cells that are another one to the letter, under another name. Keys in `nuisance` may differ
    between cells although they are no axis.
    """
    runs: dict[str, Run] = {}
    problems: dict[str, None] = {}
    built: dict[str, DryBuild] = {}
    recipe = recipe_of(grid[0], [*axes, *nuisance], load)
    for overrides in grid:
        if entry := known.get(wording(overrides)):
            run = Run(**{k: entry[k] for k in ENTRY}, overrides=overrides)
            runs.setdefault(run.id, run)
            continue
        try:
            cfg = load(overrides)
            choices = choices_of(cfg.hydra)
            config, unresolved = plain(cfg, resolve=True), plain(cfg, resolve=False)
        except (CompactHydraException, OmegaConfBaseException) as e:
            problems[explain(e)] = None
            continue
        set_keys = [key_of(o) for o in overrides]
        wrong = check.not_finite(config, unresolved)
        if experiment.keys and not wrong:
            wrong = check.problems(config, unresolved, choices, set_keys, experiment.keys)
        cell = cell_of(overrides, axes, choices)
        problems |= dict.fromkeys(wrong or build_problems(config, cell, choices, overrides, experiment, built))
        run = Run(record.identity(config), cell, config["seed"], recipe, overrides, choices, config)
        first = runs.setdefault(run.id, run)
        if first.cell != run.cell and twins is not None:
            twins[label(run.cell)] = label(first.cell)
    return list(runs.values()), list(problems)


def cell_of(overrides: list[str], axes: list[str], choices: dict[str, str]) -> dict[str, str]:
    values = {key_of(o): o.split("=", 1)[1].strip("'\"") for o in overrides if "=" in o}
    return {axis: choices.get(axis, values[axis]) for axis in sorted(axes)}


def recipe_of(overrides: list[str], axes: list[str], load: Load) -> str:
    """Identity of what a study does not vary: its config with the axes and the seed at their defaults."""
    try:
        fixed = load([o for o in overrides if key_of(o) not in (*axes, "seed")])
        return record.identity(plain(fixed, resolve=True))
    except (CompactHydraException, OmegaConfBaseException):
        return ""  # the cells themselves say what is wrong


def build_problems(
    config: dict,
    cell: dict[str, str],
    choices: dict[str, str],
    overrides: list[str],
    experiment: Experiment,
    built: dict[str, DryBuild],
) -> list[str]:
    """Why the parts cannot be built, or do not have what was asked of them; `built` remembers, for more seeds."""
    key = json.dumps({k: v for k, v in config.items() if k not in ("seed", "epochs", "name", "sweep")})
    if key not in built:
        built[key] = experiment.dry_build(config)
    unread, part = built[key].unread, built[key].part
    wrong = [
        line if names_key(line, config) else f"{place(part, cell, choices, overrides)}{line}"
        for line in built[key].problems
    ]
    name = (config.get("model") or {}).get("name") or choices.get("model")
    asked = (key_of(override).split(".")[0] for override in overrides)
    return wrong + [f"{axis}: {name} has no such part; leave {axis} out" for axis in asked if axis in unread]


def names_key(line: str, config: dict) -> bool:
    """Whether a line says `pos=...` or `model.dim` of a config that has such a key."""
    words = re.findall(r"([A-Za-z_]\w*(?:\.\w+)*)(=?)", line)
    return any(check.select(config, word) is not None for word, sign in words if sign or "." in word)


def place(part: str | None, cell: dict[str, str], choices: dict[str, str], overrides: list[str]) -> str:
    """`patch=4 pos=spiral: `, the cell and what was chosen and typed of the part that refuses."""
    typed = {key_of(o): value_of(o) for o in overrides if key_of(o).partition(".")[0] == part}
    chosen = {part: choices[part]} if part in choices and not typed else {}
    where = cell | {key: value for key, value in (typed | chosen).items() if key not in cell}
    return f"{label(where)}: " if where else ""


def cells(runs: Iterable[Run]) -> dict[tuple[tuple[str, str], ...], Run]:
    """The first run of each cell: seeds are no arms."""
    found: dict[tuple[tuple[str, str], ...], Run] = {}
    for run in runs:
        found.setdefault(tuple(sorted(run.cell.items())), run)
    return found
