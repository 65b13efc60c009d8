"""ablate: which part of a vision transformer earns its keep, by how much, and how sure.

In Python: `ablate.read("runs/pos")` is the verdict on a study on disk, `ablate.verdict(frame)` is the verdict
on accuracies from anywhere (ablate/report/door.py). `ablate.log(test_acc=0.93)`, anywhere in a program that
hydra/sweeper=ablate runs, tells its study a number. All are loaded when they are first used.
"""

import importlib
from pathlib import Path
from typing import Any

__version__ = "0.1.0"
__all__ = ["CONF", "__version__", "log", "read", "verdict"]

_here = Path(__file__).resolve().parent
# In a wheel conf/ lies inside the package, in a checkout next to it.
CONF = next(p for p in (_here / "conf", _here.parent / "conf") if (p / "config.yaml").is_file())


def __getattr__(name: str) -> Any:
    if name in ("read", "verdict"):
        return getattr(importlib.import_module("ablate.report.door"), name)
    if name == "log":
        return importlib.import_module("ablate.study.program.told").log
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
