"""The double, with the part of the W&B server that hands the cells of a grid to `wandb agent`."""

from __future__ import annotations

import itertools
import json
from typing import Any

import yaml
from wandb_double import ENTITY, Double

SWEEP, AGENT = "sweep1", "agent1"


class Sweeper(Double):
    """One sweep, its grid in order, one run at a time; then the agent is told to go."""

    config = ""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[dict[str, Any]] = []
        self.given: dict[str, dict[str, Any]] = {}  # run id -> its cell

    def answer(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        ours = {
            "UpsertSweep": self.upsert_sweep,
            "SweepWithRuns": self.sweep_with_runs,
            "CreateAgent": lambda _: {"createAgent": {"agent": {"id": AGENT}}},
            "Heartbeat": self.heartbeat,
        }
        return ours[operation](variables) if operation in ours else super().answer(operation, variables)

    def upsert_sweep(self, variables: dict[str, Any]) -> dict[str, Any]:
        self.config = variables["config"]
        axes = {axis: given["values"] for axis, given in yaml.safe_load(self.config)["parameters"].items()}
        self.cells = [dict(zip(axes, cell, strict=True)) for cell in itertools.product(*axes.values())]
        project = {"id": "p1", "name": variables["projectName"], "entity": {"id": "e1", "name": ENTITY}}
        return {"upsertSweep": {"sweep": {"name": SWEEP, "project": project}, "configValidationWarnings": []}}

    def sweep_with_runs(self, _: dict[str, Any]) -> dict[str, Any]:
        nothing = dict.fromkeys(("description", "createdAt", "heartbeatAt", "updatedAt", "bestLoss", "controller"))
        sweep = {"id": "s1", "name": SWEEP, "method": "grid", "state": "RUNNING", "config": self.config}
        return {"project": {"sweep": nothing | sweep | {"scheduler": None, "runs": {"edges": []}}}}

    def heartbeat(self, variables: dict[str, Any]) -> dict[str, Any]:
        commands: list[dict[str, Any]] = []
        if not json.loads(variables["runState"]):  # nothing runs
            commands = [self.next_run()] if self.cells else [{"type": "exit"}]
        return {"agentHeartbeat": {"agent": {"id": AGENT}, "commands": json.dumps(commands)}}

    def next_run(self) -> dict[str, Any]:
        run, cell = f"run{len(self.given)}", self.cells.pop(0)
        self.given[run] = cell
        args = {axis: {"value": value} for axis, value in cell.items()}
        return {"type": "run", "run_id": run, "program": "ablate/train.py", "args": args}
