"""What the job of a run knows of its study. It arrives in one word, `sweep.run`."""

import json
from dataclasses import dataclass, field
from typing import Any

from ablate.records import typed
from ablate.records.study_plan import RunEntry


@dataclass(frozen=True, kw_only=True)
class Brief:
    """A run's line in study.json, and how to do it."""

    entry: RunEntry
    turn: int  # which command of the study this is
    test: bool  # whether it may see test data
    threads: int | None  # to train with
    place: tuple[int, int]  # this run, of so many
    more: dict[str, Any] = field(default_factory=dict)

    def as_word(self) -> str:
        whole = typed.to_json(self)
        return json.dumps(whole.pop("entry") | whole)

    @classmethod
    def of_word(cls, word: str) -> "Brief":
        given = json.loads(word)
        how = {name: given.pop(name) for name in ("turn", "test", "threads", "place")}
        return typed.from_json(cls, {"entry": given} | how, "sweep.run")
