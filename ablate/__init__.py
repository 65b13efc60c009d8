"""ablate: which part of a vision transformer earns its keep, by how much, and how sure."""

from pathlib import Path

__version__ = "0.1.0"

_here = Path(__file__).resolve().parent
# In a wheel conf/ lies inside the package, in a checkout beside it.
CONF = next(p for p in (_here / "conf", _here.parent / "conf") if (p / "config.yaml").is_file())
