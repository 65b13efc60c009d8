"""A finished run, opened: its record, its model with the trained weights, its test images."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ablate.config.hydra_versions import instantiate
from ablate.data import stream
from ablate.records.finished import finished
from ablate.records.run_record import RunRecord, label, telling
from ablate.train import build
from ablate.train.inputs import Inputs

DOES = "python -m ablate.inspect runs/STUDY/RUN looks into a finished run"


@dataclass(frozen=True)
class Opened:
    folder: Path
    record: RunRecord

    @property
    def name(self) -> str:
        return f"{label(self.record.cell, telling(self.record.overrides))} seed={self.record.seed}"

    @cached_property
    def data(self) -> Any:
        return instantiate(self.record.config["data"])

    @cached_property
    def inputs(self) -> Inputs:
        return build.inputs(self.record.config, self.data)

    @cached_property
    def model(self) -> nn.Module:
        """On the CPU, in evaluation."""
        made = build.factory(self.record.config, self.inputs.shape, self.data.classes)()
        made.load_state_dict(torch.load(self.folder / "weights.pt", weights_only=True, map_location="cpu"))
        return made.eval()

    @cached_property
    def parts(self) -> Any:
        return self.data.load()

    @property
    def names(self) -> list[str]:
        """Of the classes; their numbers where they have no names."""
        held = (self.record.data or {}).get("classes") or getattr(self.data, "names", None)
        return list(held) if held else [str(number) for number in range(self.data.classes)]

    def test(self, which: list[int]) -> Tensor:
        """Stored test images, (n, C, Y, X) uint8."""
        return next(iter(stream.batches(self.parts.test.x, [torch.tensor(which)])))


def opened(folder: Path) -> Opened:
    """Raises ValueError, one line, for what is no finished run of ours."""
    found = finished(folder, str(folder), DOES)
    if not (folder / "weights.pt").is_file():
        raise ValueError(f"{folder}: weights.pt is not there; {DOES}")
    return Opened(folder, found)
