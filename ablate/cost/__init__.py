"""What `python -m ablate.cost` works with: counted by formulas, measured in own processes, printed, drawn."""

__all__ = []
