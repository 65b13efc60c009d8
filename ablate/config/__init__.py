"""Words of a command -> a config that is checked, or one line that says what is wrong."""

__all__ = [
    "check",
    "choices",
    "cli",
    "errors",
    "explain",
    "grammar",
    "hydra_versions",
    "interrupted",
    "leaving",
    "loader",
    "locate",
    "once",
    "output",
    "plain",
    "raised",
    "schema",
    "sweeps",
    "words",
    "writing",
]
