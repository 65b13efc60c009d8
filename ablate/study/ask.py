"""What a study is asked to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ask:
    """What a study is asked to be: its name, its axes with the baseline's choices, and the overrides of its runs.

    `nuisance` names keys that differ between cells without being an axis, `facts` go into study.json. Cells in
    `only_audited` are not trained. Without `test` the runs never see test data.
    """

    name: str
    axes: list[str]
    baseline: dict[str, str]
    rows: list[list[str]]
    facts: dict[str, Any]
    nuisance: tuple[str, ...] = ()
    only_audited: Sequence[list[str]] = ()
    test: bool = True
