"""Weights & Biases: a view of the records, never the truth, and never a reason for a run to fail."""

from ablate.tracking.client import Wandb
from ablate.tracking.nothing import Nothing

__all__ = ["Nothing", "Wandb", "dashboard", "fields", "mode"]
