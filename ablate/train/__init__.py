"""The training of a vision transformer, as a study asks for it (train/experiment.py)."""

__all__ = ["build", "count", "device", "evaluate", "fit", "inputs"]
