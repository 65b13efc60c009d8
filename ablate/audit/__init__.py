"""What an audit looks at: cells built and never trained, and pairs of them that differ in one axis."""

__all__ = []
