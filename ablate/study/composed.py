"""A run's config as plain data."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Composed:
    """A run's config, resolved and as written, the choice of each group, and what of it says what the run is.

    `number` is equal for runs that Hydra composed at once: they differ in the seed only.
    """

    config: dict[str, Any]
    unresolved: dict[str, Any]
    choices: dict[str, str]
    identity: dict[str, Any]
    number: int = 0
