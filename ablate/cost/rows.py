"""The cost of each cell as a row: what is counted, and what was measured of it."""

from dataclasses import dataclass, field
from typing import Any

from ablate.config.hydra_versions import instantiate
from ablate.config.words import shown
from ablate.cost import flops
from ablate.cost.activations import bytes_per_image
from ablate.cost.numbers import Exponent, Mean, exponent, mean
from ablate.records.run_record import label, telling
from ablate.study.runs import Run
from ablate.train import build, count, device

ELSEWHERE = "elsewhere"  # products of a part that is not ours: counted, but by none of our formulas
LENGTH = ("patch", "patch.size", "image.size")  # axes that say how many tokens there are


@dataclass
class CellCost:
    """One cell. FLOPs and bytes are of one image; FLOPs that cannot be counted are None.

    `speed` (images/s) and `peak` (bytes) are measured or None.
    """

    cell: dict[str, str]
    name: str
    tokens: int | None
    params: int
    forward: int | None
    training: int | None
    forward_by_part: dict[str, int]
    training_by_part: dict[str, int]
    activations: int
    batch: int
    speed: Mean | None = None
    peak: Mean | None = None
    error: str | None = None
    measured: list[dict[str, Any]] = field(default_factory=list)


def counted(run: Run) -> CellCost:
    """What can be counted. Products of a part that is not ours have no formula: they are `elsewhere`."""
    config = run.config
    data = instantiate(config["data"])
    image = build.inputs(config, data).shape
    factory = build.factory(config, image, data.classes)
    whole = count.count(factory, image)
    forward, training = flops.by_part(factory, image) if whole.flops_per_image is not None else ({}, {})
    where = device.pick(config["device"])
    precision = device.precision(config["precision"], where)
    return CellCost(
        cell=run.cell,
        name=label(run.cell, telling(shown(run.overrides))),
        tokens=whole.tokens,
        params=whole.params,
        forward=whole.flops_per_image,
        training=whole.train_flops_per_image,
        forward_by_part=with_rest(forward, whole.flops_per_image),
        training_by_part=with_rest(training, whole.train_flops_per_image),
        activations=bytes_per_image(factory().to(where), image, precision),
        batch=config["batch"],
    )


def with_rest(parts: dict[str, int], total: int | None) -> dict[str, int]:
    rest = (total or 0) - sum(parts.values())
    return parts | {ELSEWHERE: rest} if rest else parts


def fill(row: CellCost, measured: list[dict[str, Any]]) -> None:
    row.measured = measured
    row.error = next((one["error"] for one in measured if "error" in one), None)
    if row.error is None:
        row.speed = mean([one["images_per_s"] for one in measured])
        row.peak = mean([float(one["peak_bytes"]) for one in measured])


def exponents(rows: list[CellCost]) -> dict[str, Exponent]:
    """How the time of an image grows with the tokens, for each choice of the other axes."""
    groups: dict[str, list[CellCost]] = {}
    for row in rows:
        rest = {axis: choice for axis, choice in row.cell.items() if axis not in LENGTH}
        if row.speed and row.tokens:
            groups.setdefault(" ".join(f"{axis}={choice}" for axis, choice in rest.items()), []).append(row)
    found = {
        name: exponent([r.tokens for r in members if r.tokens], [1 / r.speed.value for r in members if r.speed])
        for name, members in groups.items()
    }
    return {name: k for name, k in found.items() if k}
