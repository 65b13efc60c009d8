"""The life of a run on disk: its record, its attempts, which process has claimed it, how it is stopped."""

__all__ = [
    "atomic",
    "attempt",
    "best",
    "claim",
    "damage",
    "faults",
    "finished",
    "identity",
    "lock",
    "metric",
    "provenance",
    "record",
    "run_record",
    "sources",
    "stop",
    "study_plan",
    "turns",
    "typed",
    "values",
]
