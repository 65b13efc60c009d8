"""Cells measured in one process after the other, so that memory and caches of one do not change another."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

Say = Callable[[str], None]


def in_turn(
    cells: dict[str, dict], *, processes: int, seconds: float, say: Say
) -> dict[str, list[dict[str, Any]]]:
    """Measures each config `processes` times, in turn, so that a machine that slows down slows all of them.

    The cells take turns. Each measurement is a dict of ablate.cost.measure, or {"error": why} for a process
    that did not get that far; its cell is not tried again.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in cells}
    for turn in range(processes):
        for name, config in cells.items():
            if any("error" in one for one in found[name]):
                continue
            say(f"process {turn + 1} of {processes}: {name}")
            found[name].append(alone(config, seconds))
    return found


def alone(config: dict, seconds: float) -> dict[str, Any]:
    """One measurement in a new interpreter with this one's import path."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "ablate.cost.measure"],
        input=json.dumps({"config": config, "seconds": seconds}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env,
    )
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    if done.returncode < 0:
        return {
            "error": f"killed by signal {-done.returncode} (9: mostly too little memory; a smaller batch= helps)"
        }
    said = done.stderr.strip().splitlines()
    return {"error": said[-1] if said else f"exit {done.returncode}"}
