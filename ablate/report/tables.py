"""Findings as tables of text for HTML, Markdown and LaTeX, with numbers as people read them."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ablate.records.run_record import label, telling
from ablate.report.findings import Findings
from ablate.report.measure import Measure
from ablate.report.numbers.cells import plain
from ablate.report.numbers.effect import effects as rows_of
from ablate.text import NONE, seconds, si


@dataclass(frozen=True)
class Table:
    """Headings and rows of text; the first `words` columns are text, the others numbers."""

    name: str
    headings: list[str]
    rows: list[list[str]]
    words: int = 1
    links: list[str | None] = field(default_factory=list)  # for each row, where its first entry leads

    def without_empty(self) -> "Table":
        """The same without columns in which nothing is known."""
        kept = [i for i in range(len(self.headings)) if i < self.words or any(row[i] != NONE for row in self.rows)]
        rows = [[row[i] for i in kept] for row in self.rows]
        return replace(self, headings=[self.headings[i] for i in kept], rows=rows)


def effects(found: Findings, paper: bool = False) -> Table:
    """Every pair of arms: difference, intervals, tests and verdict; for a paper, only what a paper prints."""
    said = found.measure
    headings = ["contrast", "verdict", "difference", "95 % (seeds)", "n", "p Holm"]
    more = ["df", "95 % (seeds, images)", "p", "p equivalent", "d", "seeds needed"]
    rows = []
    for row in rows_of(found.effects):
        word = "no verdict" if row.verdict == "none" else row.verdict
        texts = [
            row.name,
            word,
            said.difference(row.mean),
            said.span(row.low, row.high),
            str(row.n),
            _p(row.p_holm),
        ]
        images = row.low_images, row.high_images
        size = si(row.effect_size)
        needed = NONE if row.seeds_needed is None else str(row.seeds_needed)
        rows.append(
            texts
            if paper
            else [*texts, _df(row.df), said.span(*images), _p(row.p), _p(row.p_equivalent_holm), size, needed]
        )
    return Table("effects", headings if paper else headings + more, rows, words=2).without_empty()


def cells(found: Findings, paper: bool = False) -> Table:
    """Every cell: the metric over its seeds, what is missing, what it costs; for a paper, what a paper prints."""
    said = found.measure
    headings = ["cell", said.heading, "n", "tokens", "params", "FLOPs/image", "train s"]
    more = ["95 %", "worst", "best", "test loss", "images/s", "failed", "to come"]
    rows = []
    frame = plain(found.cells, said.name)
    losses = frame.get("test_loss_mean", pd.Series(np.nan, frame.index))
    for row, loss in zip(frame.itertuples(), losses, strict=True):
        texts = [
            cell_name(found, row.cell),
            said.spread(row.mean, row.sd),
            f"{row.n}/{row.asked}",
            *(si(cost) for cost in (row.tokens, row.params, row.flops_per_image)),
            seconds(row.train_s),
        ]
        details = [
            said.within(row.low, row.high),
            _seed(said.value(row.worst), row.worst_seed),
            _seed(said.value(row.best), row.best_seed),
            _loss(loss),
            si(row.images_per_s),
            str(row.failed or NONE),
            str(row.waiting or NONE),
        ]
        rows.append(texts if paper else texts + details)
    return Table("cells", headings if paper else headings + more, rows).without_empty()


def cell_name(found: Findings, cell: tuple[str, ...]) -> str:
    """`pos=none patch=4`; without axes, what its command says."""
    words = found.records[0].overrides if found.records else []
    return label(zip(found.grid.axes, cell, strict=True), telling(words))


def contrasts(frame: pd.DataFrame, name: str, said: Measure) -> Table:
    """Interactions or simple effects: difference, interval and tests."""
    rows = [
        [row.name, said.difference(row.mean), said.span(row.low, row.high), str(row.n), _p(row.p), _p(row.p_holm)]
        for row in rows_of(frame)
    ]
    return Table(name, ["contrast", "difference", "95 % (seeds)", "n", "p", "p Holm"], rows)


def variance(found: Findings) -> Table | None:
    """The share of variance of each term, with its F test against the seeds."""
    if found.variance is None:
        return None
    rows = []
    for row in found.variance.itertuples():
        tested = not np.isnan(row.error_df)
        f = si(row.F) if tested else NONE
        df = f"{row.df}, {row.error_df:.0f}" if tested else str(row.df)
        rows.append([row.term, f"{100 * row.share:.1f} %", df, f, _p(row.p)])
    return Table("variance", ["term", "share of variance", "df", "F", "p"], rows)


def classes(found: Findings) -> Table | None:
    """Each effect in each true class; a star marks those that are significant after Holm over the classes."""
    if not found.classes:
        return None
    labels = [named(int(label), found) for label in next(iter(found.classes.values()))["class"]]
    rows = [
        [
            name,
            *(
                found.measure.difference(m) + "*" * bool(p < 0.05)
                for m, p in zip(frame["mean"], frame["p_holm"], strict=True)
            ),
        ]
        for name, frame in found.classes.items()
    ]
    return Table("classes", ["contrast", *labels], rows)


def named(label: int, found: Findings) -> str:
    """The name of a class, as the first record has it that knows names; else its number."""
    known: list[str] = next((r.data["classes"] for r in found.records if r.data and r.data.get("classes")), [])
    return str(known[label]) if 0 <= label < len(known) else str(label)


def runs(found: Findings, linked: dict[str, str]) -> Table:
    """Every run. `linked` gives the address of each folder, relative to the page."""
    rows = []
    for row in found.runs.itertuples():
        rows.append([row.id, *row.cell, row.state, str(row.seed)])
    said = found.measure
    numbers = {said.heading: [said.value(value) for value in found.runs[said.name]]}
    if "test_loss" in found.runs and said.name != "test_loss":
        numbers["test loss"] = [_loss(value) for value in found.runs["test_loss"]]
    if said.name != "train_s":
        numbers["train s"] = [seconds(value) for value in found.runs["train_s"]]
    rows = [[*row, *more] for row, *more in zip(rows, *numbers.values(), strict=True)]
    headings = ["run", *found.grid.axes, "state", "seed", *numbers]
    links = [linked.get(folder) for folder in found.runs["folder"]]
    return Table("runs", headings, rows, words=2 + len(found.grid.axes), links=links)


def failures(found: Findings) -> Table | None:
    """Failed runs with the first line of their cause."""
    failed = found.runs[found.runs["state"] == "failed"]
    rows = [
        [
            label([*zip(found.grid.axes, row.cell, strict=True), ("seed", row.seed)]),
            row.id,
            _cause(row.error),
        ]
        for row in failed.itertuples()
    ]
    return Table("failures", ["run", "id", "cause"], rows, words=3) if rows else None


def _cause(error: str | None) -> str:
    lines = str(error or "no cause was recorded").strip().splitlines()
    return lines[0] if lines else "no cause was recorded"


def _df(df: float) -> str:
    return NONE if np.isnan(df) else f"{df:.1f}".removesuffix(".0")


def _p(p: float) -> str:
    return NONE if np.isnan(p) else "< 0.0001" if p < 1e-4 else f"{p:.2g}"


def _loss(value: float) -> str:
    return NONE if np.isnan(value) else f"{value:.4f}"


def _seed(value: str, seed: float) -> str:
    return value if value == NONE else f"{value} (seed {seed:.0f})"
