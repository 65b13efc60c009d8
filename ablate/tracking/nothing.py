"""The tracker that does nothing; it never imports wandb."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ablate.records.run_record import Numbers, RunRecord


class Untracked:
    """A run that W&B does not see."""

    facts: dict[str, str | None] | None = None

    def epoch(self, row: Mapping[str, float]) -> None:
        """Does nothing."""

    def end(self, metrics: Numbers, cost: Numbers) -> None:
        """Does nothing."""

    def close(self, exit_code: int) -> None:
        """Does nothing."""


class Nothing:
    """`tracker=none`: runs that are in their records only."""

    def announce(self) -> None:
        """Has nothing to say."""

    def run(
        self, record: RunRecord, folder: Path, history: Sequence[Mapping[str, float]] = ()
    ) -> AbstractContextManager[Untracked]:
        """A run that nobody watches."""
        return nullcontext(Untracked())

    def report(self, folder: Path) -> None:
        """Does nothing."""

    def closing(self, folder: Path) -> list[str]:
        """Has nothing to say."""
        return []
