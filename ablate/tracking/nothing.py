"""The tracker that does nothing; it never imports wandb."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any


class Untracked:
    """A run that W&B does not see."""

    facts: dict[str, Any] | None = None

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Does nothing."""

    def end(self, metrics: Mapping[str, Any], cost: Mapping[str, Any]) -> None:
        """Does nothing."""

    def close(self, exit_code: int) -> None:
        """Does nothing."""


class Nothing:
    """`tracker=none`: runs that only their records tell of."""

    def announce(self) -> None:
        """Has nothing to say."""

    def run(
        self, record: Mapping[str, Any], folder: Path, history: Sequence[Mapping[str, Any]] = ()
    ) -> AbstractContextManager[Untracked]:
        """A run that nobody watches."""
        return nullcontext(Untracked())

    def report(self, folder: Path) -> None:
        """Does nothing."""

    def closing(self, folder: Path) -> list[str]:
        """Has nothing to say."""
        return []
