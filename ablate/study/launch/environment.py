"""What must stand in the environment before the process of a run starts. What the user has set wins."""

import os
import platform
from collections.abc import MutableMapping

# Memory that was freed is kept for the next step instead of given back, in huge pages.
KEEP = str(4 * 2**30)
GLIBC = {
    "MALLOC_TRIM_THRESHOLD_": KEEP,
    "MALLOC_MMAP_THRESHOLD_": KEEP,
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
# OpenMP threads wait at a barrier by spinning, and a busy neighbour then costs a run most of its speed. After
# so many turns they sleep, which costs a quiet machine nothing.
OPENMP = {"GOMP_SPINCOUNT": "10000"}


def settings() -> dict[str, str]:
    """Variables for the processes of runs on this machine."""
    return OPENMP | (GLIBC if platform.libc_ver()[0] == "glibc" else {})


def prepare(environ: MutableMapping[str, str] = os.environ) -> None:
    """Gives them to all processes that this one starts from now on."""
    for name, value in settings().items():
        environ.setdefault(name, value)


def threads() -> int | None:
    """Threads of a run that the user has asked for with OMP_NUM_THREADS."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) > 0 else None
