"""A small study through the real entrypoint: what training leaves on disk is what the report reads."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ablate.records import record as records
from ablate.report.findings import Criteria, find
from ablate.report.read import studies


@pytest.mark.slow
def test_what_training_leaves_is_what_the_report_reads(train, tmp_path):
    said = train("-m", "pos=none,learned", "seed=range(3)", "hydra/launcher=basic")
    assert said.code == 0, said.err
    folder = tmp_path / "runs/pos"
    (found,), differing = find(*studies.read([folder]), Criteria())
    assert differing == []
    assert found.notes == []  # nothing was missing for any of the numbers
    intervals_over_images(found)
    pages(folder)


def intervals_over_images(found):
    """Their width is near theory's: between-seed variance / S + variance of an image's mean difference / I.

    The pigeonhole bootstrap counts what is of one seed and one image once more than that: it is a little wide.
    """
    (row,) = found.effects.itertuples()
    right = {}
    for run in found.runs.itertuples():
        with np.load(f"{run.folder}/predictions.npz") as file:
            right[run.cell[0], run.seed] = (file["test"] == file["label"]).astype(float)
    difference = np.stack([right["learned", s] - right["none", s] for s in found.grid.seeds])  # (S, I)
    assert difference.shape == (3, 256)
    assert difference.mean() == pytest.approx(row.mean)
    sd = math.sqrt(row.sd**2 / 3 + difference.mean(0).var(ddof=1) / 256)
    assert 0.8 < (row.high_images - row.low_images) / (2 * 1.96 * sd) < 1.6
    by_class = found.classes[row.name]
    assert by_class["images"].sum() == 256
    assert (by_class["mean"] * by_class["images"]).sum() / 256 == pytest.approx(row.mean, abs=1e-6)


def pages(folder: Path):
    assert {file.stem for file in (folder / "report/figures").glob("*.svg")} == {
        "forest",
        "cells",
        "curves",
        "cost",
    }
    assert "<h2>By class</h2>" in (folder / "report/report.html").read_text()
    runs = pd.read_csv(folder / "report/runs.csv", dtype={"id": str})
    there = {r.id: r.metrics["test_acc"] for r in records.read_study(folder)}
    assert dict(zip(runs["id"], runs["test_acc"], strict=True)) == pytest.approx(there)
