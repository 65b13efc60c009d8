"""The runs that one command asks for: planned, checked, launched, and carried on until all are done."""

__all__ = ["design", "experiment", "job", "launch", "options", "program", "runs", "stages", "study"]
