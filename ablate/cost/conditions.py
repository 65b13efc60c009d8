"""The conditions under which the costs were found: printed under the table and kept in cost.json."""

from typing import Any

from ablate.cost.rows import CellCost
from ablate.records import provenance


def conditions(rows: list[CellCost], *, processes: int, seconds: float) -> dict[str, Any]:
    first = next((one for row in rows for one in row.measured if "error" not in one), None)
    return {
        "versions": provenance.versions() | ({k: first[k] for k in ("device", "precision")} if first else {}),
        "code": provenance.code(),
        "batch": sorted({row.batch for row in rows}),
        "processes": processes if first else 0,
        "seconds": seconds,
        "memory": memory(first["device"]) if first else None,
    }


def memory(device: str) -> str:
    """What peak_bytes means there."""
    on_cpu = "thread" in device  # device.name gives the threads of a CPU
    return "resident set above what it was before the model" if on_cpu else "bytes held by tensors"


def one_line(about: dict[str, Any]) -> str:
    """The conditions in one line."""
    if not about["processes"]:
        return "FLOPs and kept bytes are of one image; nothing was measured"
    versions, n = about["versions"], about["processes"]
    batch = ", ".join(map(str, about["batch"]))
    over = f"mean ± 95 % interval over {n} processes" if n > 1 else "1 process, so no interval"
    return (
        f"FLOPs and kept bytes are of one image; training measured on {versions['device']},"
        f" {versions['precision']}, "
        f"torch {versions['torch']}, batch {batch}: {over} of {about['seconds']:g} s each, warm-up left out; "
        f"peak: {about['memory']}"
    )
