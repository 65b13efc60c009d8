"""Words of a command -> a config that is checked, or one line that says what is wrong."""

__all__ = [
    "check",
    "cli",
    "errors",
    "hydra_versions",
    "locate",
    "output",
    "plain",
    "raised",
    "schema",
    "words",
    "writing",
]
