"""Contrasts that are judged together, by the rule of the study and the direction of its metric."""

import pandas as pd

from ablate.report.measure import Measure
from ablate.report.numbers.contrasts import Contrast
from ablate.report.numbers.grid import Grid
from ablate.report.numbers.method import effects_frame
from ablate.report.numbers.sequential import sequential_frame

TURNED = {"better": "worse", "worse": "better"}  # where less is better


def family(grid: Grid, contrasts: list[Contrast], read_as: Measure, looks: list[int], method: str) -> pd.DataFrame:
    """A row for each contrast, all judged together; by the sequential rule if seeds were added until decided."""
    if looks:
        frame = sequential_frame(grid, contrasts, read_as.margin, looks, method)
    else:
        frame = effects_frame(grid, contrasts, read_as.margin, method)
    return frame if read_as.sign > 0 else frame.assign(verdict=frame["verdict"].replace(TURNED))
