"""What one command asks for, planned, checked, launched and carried on until all of it is done."""

__all__ = ["design", "experiment", "job", "launch", "options", "runs", "stages", "study"]
