"""From overrides to runs: each is composed, checked, built once without memory, and gets its id."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ablate.config import check, garbage, raised
from ablate.config.explain import WRONG_INPUT, explain
from ablate.config.words import key_of, shown, value_of, wording
from ablate.records.record import label
from ablate.records.study_plan import RunEntry
from ablate.study.compose import Composer, Load
from ablate.study.composed import Composed
from ablate.study.contents import NO_CONTENT, Contents
from ablate.study.experiment import Config, DryBuild, Experiment
from ablate.study.home import Home
from ablate.study.launch.elsewhere import Here

HOME = Home()  # of our own training
HERE = Here()


@dataclass(frozen=True)
class Run:
    """One cell with one seed, composed and checked. A run that study.json knows to be done has no config."""

    id: str
    cell: dict[str, str]
    seed: int
    recipe: str
    overrides: list[str]
    choices: dict[str, str] = field(default_factory=dict)
    config: Config = field(default_factory=dict)
    step_flops: float | None = field(default=None, compare=False)
    identity: Config = field(default_factory=dict, compare=False)  # of a program's: what says what it is

    def entry(self, *, baseline: bool) -> RunEntry:
        """What study.json keeps of it, and what its job needs to know."""
        return RunEntry(
            id=self.id,
            cell=self.cell,
            seed=self.seed,
            recipe=self.recipe,
            overrides=shown(self.overrides),
            baseline=baseline,
        )


@garbage.seldom()
def compose_all(
    grid: list[list[str]],
    axes: list[str],
    load: Load,
    experiment: Experiment,
    home: Home = HOME,
    known: Mapping[tuple[str, ...], RunEntry] = MappingProxyType({}),
    twins: dict[str, str] | None = None,
    nuisance: Iterable[str] = (),
    watch: Callable[[int, int], None] = lambda done, of: None,
    call: Here = HERE,
) -> tuple[list[Run], list[str]]:
    """Composes and checks every combination of overrides -> (runs without duplicates, problems).

    `known` holds lines of study.json by their `wording`: they need not be composed again, which would cost 50 ms
    each. `twins` learns of cells that are the same as another one, under another name. Keys in `nuisance` may
    differ between cells although they are no axis. `watch` is shown how many of how many are done, and `call` is
    given the functions that may need torch.
    """
    runs: dict[str, Run] = {}
    problems: dict[str, None] = {}
    built: dict[str, DryBuild] = {}
    content = Contents(experiment)
    contents: dict[int, dict[str, str]] = {}  # by the number of what was composed
    recipe, compose = recipe_of(grid[0], [*axes, *nuisance], load, content, home), Composer(load, home)
    ahead = []  # all are composed before the first is checked: in the meantime torch is imported for `call`
    for number, overrides in enumerate(grid):
        watch(number // 2, len(grid))
        ahead.append(known.get(wording(overrides)) or composed(overrides, compose))
    for number, (overrides, found) in enumerate(zip(grid, ahead, strict=True)):
        watch((len(grid) + number) // 2, len(grid))
        if isinstance(found, str):
            problems[found] = None
            continue
        if isinstance(found, RunEntry):
            run = Run(found.id, found.cell, found.seed, found.recipe or "", overrides)
            runs.setdefault(run.id, run)
            continue
        one, is_another_seed = found
        config, choices, cell = one.config, one.choices, cell_of(overrides, axes, one.choices)
        size = None
        if not is_another_seed:
            keys = [key_of(o) for o in overrides]
            wrong = check.not_finite(config, one.unresolved) if home.is_ours else []
            if experiment.keys and not wrong:
                wrong = call(check.problems, config, one.unresolved, choices, keys, experiment.keys)
            if not wrong:
                dry = dry_built(config, experiment, built, call)
                wrong, size = build_problems(dry, config, cell, choices, overrides), dry.step_flops
            if wrong:
                problems |= dict.fromkeys(wrong)
                continue
        try:
            if one.number not in contents:
                contents[one.number] = content(config)
            id = home.identity(one, contents[one.number])
        except NO_CONTENT as e:  # another seed of a cell that was refused for it, or one that the build overlooked
            if not problems:
                problems[raised.line(e)] = None
            continue
        run = Run(
            id,
            cell,
            home.seed_of(one),
            recipe,
            overrides,
            choices,
            config,
            size,
            {} if home.is_ours else one.identity,
        )
        first = runs.setdefault(run.id, run)
        if first.cell != run.cell and twins is not None:
            twins[label(run.cell)] = label(first.cell)
    return list(runs.values()), list(problems)


def composed(overrides: list[str], compose: Composer) -> tuple[Composed, bool] | str:
    """A composed run, and whether it is a cell seen before with another seed; or what is wrong."""
    try:
        return compose(overrides)
    except WRONG_INPUT as e:
        return explain(e)


def cell_of(overrides: list[str], axes: list[str], choices: dict[str, str]) -> dict[str, str]:
    values = {key_of(o): o.split("=", 1)[1].strip("'\"") for o in overrides if "=" in o}
    return {axis: choices.get(axis, values[axis]) for axis in sorted(axes)}


def recipe_of(overrides: list[str], axes: list[str], load: Load, content: Contents, home: Home = HOME) -> str:
    """Identity of what a study does not vary: its config with the axes and the seed at their defaults."""
    try:
        fixed = home.read(load([o for o in overrides if key_of(o) not in (*axes, home.seed)]))
        return home.identity(fixed, content(fixed.config))
    except (*WRONG_INPUT, *NO_CONTENT):
        return ""  # what is wrong is said for each cell


def dry_built(config: Config, experiment: Experiment, built: dict[str, DryBuild], call: Here) -> DryBuild:
    """Builds the parts of a run without training.

    `built` remembers the results, for configs with the same parts.
    """
    key = json.dumps({k: v for k, v in config.items() if k not in ("seed", "epochs", "name", "sweep")})
    if key not in built:
        built[key] = call(experiment.dry_build, config)
    return built[key]


def build_problems(
    dry: DryBuild, config: Config, cell: dict[str, str], choices: dict[str, str], overrides: list[str]
) -> list[str]:
    """Why the parts cannot be built, or do not have what was asked of them."""
    unread, part = dry.unread, dry.part
    wrong = [
        line if names_key(line, config) else f"{place(part, cell, choices, overrides)}{line}"
        for line in dry.problems
    ]
    name = (config.get("model") or {}).get("name") or choices.get("model")
    asked = (key_of(override).split(".")[0] for override in overrides)
    return wrong + [f"{axis}: {name} has no such part; leave {axis} out" for axis in asked if axis in unread]


def names_key(line: str, config: Config) -> bool:
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
