"""A run as its record.json tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ablate.records import typed
from ablate.records.values import spelled

FORMAT = 1  # raise it when the meaning of a config or of a field changes

# Where and how a run is done, not what it is. Images are the same wherever their files lie.
NOT_IDENTITY = ("tracker", "device", "name", "sweep", "data.root", "data.memory", "data.workers", "init.path")
UNNAMED = (*NOT_IDENTITY, "hydra", "seed")  # what no run is named after

Config = dict[str, Any]  # of a run, resolved, as plain dicts
Numbers = dict[str, float | None]  # null where a number is not known, never 0


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run: what it is, how far it has come, what it measured. Change it with dataclasses.replace.

    Only the fields without a default are always there: records of other tools and versions may have no more.
    """

    format: int | None = None
    id: str
    study: str | None = None
    state: str  # running, done or failed; `not started` for a run that has no record yet
    attempts: int | None = field(default=None, metadata=typed.IF_KNOWN)
    # Number of the latest command in the study when this attempt began (records/turns.py).
    turn: int | None = field(default=None, metadata=typed.IF_KNOWN)
    cell: dict[str, str]
    seed: int
    baseline: bool | None = None  # whether it is a run of the study's baseline
    recipe: str | None = None
    overrides: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    config: Config = field(default_factory=dict)
    metrics: Numbers = field(default_factory=dict)
    cost: Numbers = field(default_factory=dict)
    # The data set as the run found it: `classes`, their names or null; the images to `train`, `val` and `test`.
    data: dict[str, Any] | None = field(default=None, metadata=typed.IF_KNOWN)
    # The weights that it began with: `source`, how many tensors were `loaded`, which `adapted`, `new`, `left_out`.
    init: dict[str, Any] | None = field(default=None, metadata=typed.IF_KNOWN)
    # Digests of what the run read and its config names only by its place, by key of the config.
    content: dict[str, str] | None = field(default=None, metadata=typed.IF_KNOWN)
    # Parts of a batch that went through the model one after the other.
    accumulate: int | None = field(default=None, metadata=typed.IF_KNOWN)
    error: str | None = None
    started: str | None = None
    ended: str | None = None
    versions: dict[str, str | None] = field(default_factory=dict)
    code: dict[str, Any] = field(default_factory=dict)
    wandb: dict[str, str | None] | None = None
    more: dict[str, Any] = field(default_factory=dict)  # fields that this version does not know
    folder: str | None = field(default=None, metadata=typed.MEMORY)  # that it was read from

    @classmethod
    def from_json(cls, data: object) -> "RunRecord":
        """Raises Damaged, with the field that is wrong."""
        return typed.from_json(cls, data)

    def to_json(self) -> dict[str, Any]:
        return typed.to_json(self)


def value_of(record: RunRecord, axis: str) -> str:
    """What an axis was set to in a run, also when the study that made the run did not vary it."""
    if axis in record.cell:
        return record.cell[axis]
    if axis in record.choices:
        return str(record.choices[axis])
    node: Any = record.config
    for part in axis.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return spelled(node)


def label(cell: Iterable[tuple[str, str]] | dict[str, str], words: Iterable[str] = ()) -> str:
    """`pos=none patch=4`. In a study without axes, the `words` that make its run another than the baseline."""
    pairs = cell.items() if isinstance(cell, dict) else cell
    return " ".join(f"{k}={v}" for k, v in pairs) or " ".join(words) or "baseline"


def telling(overrides: Iterable[str]) -> list[str]:
    """Those of the words of a command that say what a run is, not where or how it is done, or with which seed."""
    keys = {word: word.split("=")[0].lstrip("+~").split("@")[0] for word in overrides}
    return [
        word.lstrip("+")
        for word, key in keys.items()
        if not any(key == one or key.startswith((f"{one}.", f"{one}/")) for one in UNNAMED)
    ]
