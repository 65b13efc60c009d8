"""The numbers for other programs: runs.csv, cells.csv, effects.csv; and verdict.csv, the verdict in words.

Here accuracies and differences are fractions of 1, as in the records; points and per cent are for people.
"""

from pathlib import Path

import pandas as pd

from ablate.report.findings import Findings
from ablate.report.words.decision import decision_sentences
from ablate.report.words.sentences import LABELS, verdict_sentences

COSTS = [
    *("tokens_per_image", "params", "flops_per_image", "train_flops", "images_per_s", "train_s", "peak_bytes"),
]
NOT_TEXT = ["axes", "arm", "against", "within", "contexts", "seeds", "weights", "differences", "left_out"]


def save(folder: Path, found: list[Findings]) -> None:
    """The four files; `group` numbers the groups of comparable runs from 1."""
    _stack([_runs(part) for part in found]).to_csv(folder / "runs.csv", index=False)
    _stack([_on_axes(part, part.cells) for part in found]).to_csv(folder / "cells.csv", index=False)
    _stack([_effects(part) for part in found]).to_csv(folder / "effects.csv", index=False)
    _stack([_verdict(part) for part in found]).to_csv(folder / "verdict.csv", index=False)


def _runs(part: Findings) -> pd.DataFrame:
    measures = [name for name in dict.fromkeys([part.measure.name, "test_loss"]) if name in part.runs]
    frame = _on_axes(part, part.runs)
    columns = [*part.levels, "state", "seed", *measures, *COSTS, "id", "error"]
    return frame[[name for name in dict.fromkeys(columns) if name in frame]]


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([frame.assign(group=i + 1) for i, frame in enumerate(frames)], ignore_index=True)


def _on_axes(part: Findings, frame: pd.DataFrame) -> pd.DataFrame:
    """A column for each axis in place of `cell`. The cost `tokens` leaves its name to the axis."""
    frame = frame.rename(columns={"tokens": "tokens_per_image"})
    axes = {axis: [cell[i] for cell in frame["cell"]] for i, axis in enumerate(part.levels)}
    return pd.concat([pd.DataFrame(axes), frame.drop(columns="cell").reset_index(drop=True)], axis=1)


def _verdict(part: Findings) -> pd.DataFrame:
    told = [
        (LABELS[sentence.verdict], sentence.text)
        for sentence in [*decision_sentences(part), *verdict_sentences(part)]
    ]
    return pd.DataFrame(told, columns=["verdict", "text"])


def _effects(part: Findings) -> pd.DataFrame:
    """Main effects, interactions and simple effects, one below the other; `kind` says which."""
    kinds = {"main": part.effects, "interaction": part.interactions, "simple": part.simple}
    frames = [_flat(frame).assign(kind=kind) for kind, frame in kinds.items() if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["name", "kind"])


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    text = {
        "axes": [" ".join(axes) for axes in frame["axes"]],
        "arm": [" ".join(arm) for arm in frame["arm"]],
        "against": [" ".join(against) for against in frame["against"]],
        "seeds": [" ".join(map(str, seeds)) for seeds in frame["seeds"]],
        "left_out": ["; ".join(left_out) for left_out in frame["left_out"]],
    }
    return frame.drop(columns=NOT_TEXT).assign(**text)
