"""A study as its study.json tells of it: what was asked for, by whom in which words, and how it was designed."""

from dataclasses import dataclass, field
from typing import Any

from ablate.records import typed
from ablate.records.metric import MetricFacts
from ablate.records.run_record import RunRecord


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """A run that was asked for: its line in study.json, and what its job needs to know."""

    id: str
    cell: dict[str, str]
    seed: int
    recipe: str | None = None
    overrides: list[str] | None = field(default=None, metadata=typed.IF_KNOWN)  # as one types them
    baseline: bool | None = field(default=None, metadata=typed.IF_KNOWN)
    more: dict[str, Any] = field(default_factory=dict)

    def waiting(self) -> RunRecord:
        """The run as long as it has no record."""
        return RunRecord(id=self.id, state="not started", cell=self.cell, seed=self.seed, recipe=self.recipe)


@dataclass(frozen=True, kw_only=True)
class DesignFacts:
    """What a reader must know of the design (ablate.study.design.cells.Design)."""

    kind: str
    zip: list[list[str]] = field(default_factory=list)
    resolution: int | None = None
    aliases: list[Any] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The values that tuning chose for a cell."""

    cell: dict[str, str]
    values: dict[str, str]
    val_acc: float | None = field(default=None, metadata=typed.IF_KNOWN)  # mean over the tuning seeds, a fraction
    score: float | None = field(default=None, metadata=typed.IF_KNOWN)  # the same of a program's metric
    edge: list[str]  # keys whose value is the smallest or largest of three or more tried: others may be better
    failed: list[dict[str, str]]  # candidates with a failed run, which are out
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TunedFacts:
    """The study that was tuned, the one that tuned it, and what that chose."""

    of: str
    tuning: str
    keys: dict[str, list[str]]  # the values that were tried
    seeds: list[int]
    chosen: list[Chosen]
    by: MetricFacts | None = field(default=None, metadata=typed.IF_KNOWN)  # a program's metric that chose
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """What was asked of a study, by its last command and by those before it with the same recipe."""

    format: int | None = None
    study: str | None = None
    command: list[str] | None = None
    axes: dict[str, list[str]] = field(default_factory=dict)  # the choices of each axis in the order asked for
    baseline: dict[str, str] = field(default_factory=dict)
    seeds: list[int] | None = None
    runs: list[RunEntry] = field(default_factory=list)
    # How many of `runs` the last command asks for; these stand last.
    asked: int | None = field(default=None, metadata=typed.IF_KNOWN)
    sources: str | None = None  # digest of the configuration
    threads: int | None = field(default=None, metadata=typed.IF_KNOWN)  # that each run trains with
    created: str | None = None
    design: DesignFacts | None = None
    looks: list[int] | None = None  # seeds at each look, where seeds are added until all is decided
    tunes: list[str] | None = field(default=None, metadata=typed.IF_KNOWN)  # keys that a tuning study tries
    tuned: TunedFacts | None = field(default=None, metadata=typed.IF_KNOWN)
    turn: int | None = field(default=None, metadata=typed.IF_KNOWN)  # how many commands there were
    metric: MetricFacts | None = field(default=None, metadata=typed.IF_KNOWN)  # null: our test accuracy
    seed_key: str | None = field(default=None, metadata=typed.IF_KNOWN)  # of a program that is not ours
    # Several studies that are read as one, and a plan that was guessed from its runs.
    commands: list[list[str]] | None = field(default=None, metadata=typed.IF_KNOWN)
    guessed: bool | None = field(default=None, metadata=typed.IF_KNOWN)
    more: dict[str, Any] = field(default_factory=dict)  # fields that this version does not know
    damaged: list[str] = field(default_factory=list, metadata=typed.MEMORY)  # on files, a line each

    @property
    def by_last_command(self) -> list[RunEntry]:
        """The runs that the last command asks for."""
        return self.runs[len(self.runs) - self.asked :] if self.asked else self.runs

    @classmethod
    def from_json(cls, data: object) -> "StudyPlan":
        """Raises Damaged, with the field that is wrong."""
        return typed.from_json(cls, data)

    def to_json(self) -> dict[str, Any]:
        return typed.to_json(self)
