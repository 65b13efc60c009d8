"""python -m ablate.inspect RUN: what a trained model looks at, and where it is wrong."""

__all__: list[str] = []
