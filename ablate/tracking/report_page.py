"""The report on a study, from its pages on disk to W&B: tables, figures, the page itself."""

import csv
import hashlib
from pathlib import Path
from typing import Any

from ablate.tracking import theirs

TABLES = ("verdict", "effects", "cells")  # report/NAME.csv, as ablate.report writes them
MEMORY = "report.sha256"  # in STUDY/wandb: of the tables that were sent last


def digest(folder: Path) -> str:
    """What the report in a study's folder says and shows, as a hash; "" without a report."""
    files = [folder / "report" / f"{name}.csv" for name in TABLES]
    if not all(file.is_file() for file in files):
        return ""
    return hashlib.sha256(b"".join(file.read_bytes() for file in [*files, *insides(folder)])).hexdigest()


def insides(folder: Path) -> list[Path]:
    """Figures of the inside of runs, which ablate.inspect has left."""
    return sorted(folder.glob("*/inside/*.png"))


def news(folder: Path) -> bool:
    """Is there a report, and another than the one sent last?"""
    memory, now = folder / "wandb" / MEMORY, digest(folder)
    return bool(now) and not (memory.is_file() and memory.read_text(encoding="utf-8") == now)


def remember(folder: Path) -> None:
    (folder / "wandb" / MEMORY).write_text(digest(folder), encoding="utf-8")


def send(run: theirs.Run, folder: Path) -> None:
    """Log the tables, the figures and the page, and the verdict as text in the summary."""
    import wandb

    pages = folder / "report"
    tables = {name: rows(pages / f"{name}.csv") for name in TABLES}
    shown: dict[str, Any] = {
        name: wandb.Table(columns=[*head], data=data) for name, (head, data) in tables.items()
    }
    for figure in sorted((pages / "figures").glob("*.png")):
        shown[f"figures/{figure.stem}"] = wandb.Image(str(figure))
    for figure in insides(folder):
        shown[f"inside/{figure.parents[1].name}/{figure.stem}"] = wandb.Image(str(figure))
    shown["page"] = wandb.Html(
        (pages / "report.html").read_text(encoding="utf-8"), inject=False, data_is_not_path=True
    )
    run.log(shown)
    head, data = tables["verdict"]
    told = [f"{row[head.index('verdict')]}: {row[head.index('text')]}" for row in data]
    run.summary["verdict_text"] = "\n".join(told)


def rows(file: Path) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of a CSV; a column of numbers is one of floats, what is not known is None."""
    with open(file, newline="", encoding="utf-8") as text:
        head, *lines = csv.reader(text)
    columns = [numbers(list(column)) for column in zip(*lines, strict=True)]
    return head, [list(row) for row in zip(*columns, strict=True)]


def numbers(column: list[str]) -> list[Any]:
    try:
        return [float(entry) if entry else None for entry in column]
    except ValueError:
        return list(column)
