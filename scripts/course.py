"""The numbers of the course, docs/vit-on-mnist.md and docs/input-formats.md, from the records in docs/course.

python scripts/course.py keep runs/STUDY   takes a study's records along, without weights and predictions
python scripts/course.py                   writes the tables into the two pages again

A table stands between `<!-- course: STUDY -->`, with `margin=0.5` behind it for a margin of 0.5 points, and
`<!-- end -->`.
"""

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import ablate
from ablate.report.read import studies
from ablate.text import accuracy, si

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORDS = DOCS / "course"
PAGES = (DOCS / "vit-on-mnist.md", DOCS / "input-formats.md")
BLOCK = re.compile(r"(<!-- course: (\w+)(?: margin=([\d.]+))? -->\n).*?(<!-- end -->)", re.S)
HEADINGS = ("", "test accuracy %", "n", "parameters", "FLOPs an image", "images/s")


def keep(study: Path) -> None:
    """A study's plan, records and curves -> docs/course/STUDY."""
    place = RECORDS / study.name
    shutil.rmtree(place, ignore_errors=True)
    for file in [study / "study.json", *study.glob("*/record.json"), *study.glob("*/history.csv")]:
        to = place / file.relative_to(study)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)


def table(name: str, margin: float | None) -> str:
    """What is between the marks: a row a cell, the verdict on each pair of arms, and on what it ran."""
    found = ablate.read(RECORDS / name, margin=margin)
    records, plan = studies.read([RECORDS / name])
    axes = list(plan.axes)
    if found.cells["cell"].map(len).max() != len(axes):  # zipped ones count as one
        axes = list(dict.fromkeys(name.split(":")[0] for name in found.effects["name"]))
    rows = []
    for row in found.cells[found.cells["n"] > 0].itertuples():
        what = " ".join(f"{axis}={arm}" for axis, arm in zip(axes, row.cell, strict=True)) or "as the command says"
        costs = (row.params, row.flops_per_image, row.images_per_s)
        rows.append([what, accuracy(row.test_acc_mean, row.test_acc_sd), str(row.n), *map(si, costs)])
    lines = [HEADINGS, ["---", *["---:"] * (len(HEADINGS) - 1)], *rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    judged = [sentence for sentence in found.sentences if not sentence.startswith("no verdict")]
    lines_below = [*judged, *found.warnings]
    said = "".join(f"* {sentence}\n" for sentence in lines_below) + "\n" * bool(lines_below)
    ran = sorted(
        {f"{r.versions['device']}, torch {r.versions['torch']}, {r.versions['precision']}" for r in records}
    )
    images = sorted({r.data["train"] for r in records if r.data})
    trained = " or ".join(f"{n:,}" for n in images)
    epochs = " or ".join(sorted({str(r.config["epochs"]) for r in records}))
    return f"\n{text}\n\n{said}{trained} training images, {epochs} epochs; {'; '.join(ran)}.\n"


def written(page: str) -> str:
    """The page with the numbers that the records have now."""

    def block(found: re.Match[str]) -> str:
        margin = float(found[3]) / 100 if found[3] else None
        return found[1] + table(found[2], margin) + found[4]

    return BLOCK.sub(block, page)


def main(words: Sequence[str]) -> None:
    if words[:1] == ["keep"]:
        for study in words[1:]:
            keep(Path(study))
        return
    for page in PAGES:
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
