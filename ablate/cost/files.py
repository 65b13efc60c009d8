"""The costs as files: cost.json with every measurement, cost.csv with a row a cell, cost.svg and cost.png."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ablate.cost.figure import figure
from ablate.cost.numbers import Exponent
from ablate.cost.rows import CellCost
from ablate.records import atomic
from ablate.report.pages import render


def save(folder: Path, rows: list[CellCost], exponents: dict[str, Exponent], about: dict[str, Any]) -> None:
    """Writes all of them; `about` says what was asked for, on which machine and how it was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = about | {
        "cells": [asdict(row) for row in rows],
        "exponents": {name: asdict(k) for name, k in exponents.items()},
    }
    atomic.write(folder / "cost.json", json.dumps(whole, indent=1))
    text = io.StringIO()
    flat = [columns(row) for row in rows]
    table = csv.DictWriter(text, list(dict.fromkeys(key for one in flat for key in one)), lineterminator="\n")
    table.writeheader()
    table.writerows(flat)
    atomic.write(folder / "cost.csv", text.getvalue())
    if drawn := figure(rows):
        render.save(drawn, render.svg(drawn, "cost"), folder, "cost")


def columns(row: CellCost) -> dict[str, Any]:
    """A flat row; FLOPs and kept bytes are of one image; an entry that is not known is empty."""
    speed, peak = row.speed, row.peak
    # The axis `tokens` has that name already.
    counted = {
        "tokens_per_image": row.tokens,
        "params": row.params,
        "forward_flops": row.forward,
        "training_flops": row.training,
        "kept_bytes": row.activations,
        "batch": row.batch,
    }
    measured = {
        "images_per_s": speed and speed.value,
        "images_per_s_half_interval": speed and speed.half,
        "peak_bytes": peak and peak.value,
        "peak_bytes_half_interval": peak and peak.half,
        "n": speed and speed.n,
        "error": row.error,
    }
    return row.cell | counted | measured | {f"forward_{part}": n for part, n in row.forward_by_part.items()}
