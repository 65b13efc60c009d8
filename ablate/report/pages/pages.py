"""Findings as pages: report.html, report.md, table.tex, the numbers and the figures."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from ablate import __version__
from ablate.records import atomic, record
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report import tables, tuned
from ablate.report.findings import Findings
from ablate.report.pages import export
from ablate.report.pages.drawings import drawn
from ablate.report.pages.inside import inside
from ablate.report.pages.templates import rendered
from ablate.report.words.caveats import heading, warnings
from ablate.report.words.commands import commands
from ablate.report.words.decision import decision_sentences, how_to_decide
from ablate.report.words.sentences import LABELS, how_to_read, verdict_sentences
from ablate.text import count

PAGES = {"report.html": "report.html.j2", "report.md": "report.md.j2", "table.tex": "table.tex.j2"}


def write(
    out: Path, found: list[Findings], plan: StudyPlan, differing: list[str], pair: tuned.Pair | None = None
) -> Path:
    """Writes everything below `out` and returns the page to open; `pair` shows effects with and without tuning."""
    (out / "figures").mkdir(parents=True, exist_ok=True)
    context = {
        "title": plan.study or "study",
        "summary": summary(found),
        "warnings": [*warnings(found, differing), *plan.damaged],
        "parts": [part_of(part, found, out) for part in found],
        "tuned": pair
        and {"heading": pair.heading, "sentences": tuned.sentences(pair), "tables": tuned.shown(pair)},
        "words": LABELS,
        "commands": commands(plan),
        "version": __version__,
        "made": datetime.now().astimezone().strftime("%d %b %Y %H:%M %Z"),
    }
    for page, template in PAGES.items():
        atomic.write(out / page, rendered(template, context))
    export.save(out, found)
    return out / "report.html"


def summary(found: list[Findings]) -> str:
    """`12 of 12 runs done, 4 cells, 3 seeds; mnist; cpu: 2 cores`."""
    states = [state for part in found for state in part.runs["state"]]
    cells = {cell for part in found for cell in part.cells["cell"]}
    seeds = {seed for part in found for seed in part.runs["seed"]}
    facts = [part.facts.get(fact) for fact in ("data", "device") for part in found]
    done = f"{states.count('done')} of {count(len(states), 'run')} done"
    design = f"{count(len(cells), 'cell')}, {count(len(seeds), 'seed')}"
    return "; ".join([done, design, *dict.fromkeys(fact for fact in facts if fact)])


def part_of(part: Findings, found: list[Findings], out: Path) -> dict[str, Any]:
    """What the templates show of one group of comparable runs."""
    suffix = f"-{found.index(part) + 1}" if len(found) > 1 else ""
    first = next((r for r in part.records if r.state == "done"), None)
    links = {folder: os.path.relpath(folder, out) + "/" for folder in part.runs["folder"] if folder}
    return {
        "heading": heading(part, found) if len(found) > 1 else None,
        "decision": decision_sentences(part),
        "how_decided": how_to_decide(part),
        "sentences": verdict_sentences(part),
        "how": how_to_read(part),
        "notes": part.notes,
        "inside": inside(part.records, out),
        "figures": drawn(part, out / "figures", suffix),
        "tables": {
            "effects": tables.effects(part),
            "cells": tables.cells(part),
            "interactions": tables.contrasts(part.interactions, "interactions", part.measure),
            "simple": tables.contrasts(part.simple, "simple", part.measure),
            "variance": tables.variance(part),
            "classes": tables.classes(part),
            "failures": tables.failures(part),
            "runs": tables.runs(part, links),
        },
        "paper": {"effects": tables.effects(part, paper=True), "cells": tables.cells(part, paper=True)},
        "metric": part.measure.title,
        "against_cost": capital(f"{part.measure.title.removeprefix('test ')} against cost"),
        "differences": _of_differences(part),
        "recipe": recipe(part, first),
        "config": json.dumps(first.config, indent=1) if first else None,
        "config_of": first.id if first else None,
    }


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_differences(part: Findings) -> str:
    """What a table for a paper has: `in points of test accuracy`."""
    step, title = part.measure.step, part.measure.title
    return f"in {step} of {title}" if step else f"in {title}"


def recipe(part: Findings, first: RunRecord | None) -> dict[str, str]:
    """What all runs share, and the versions that made them."""
    shown = {axis: f"varied: {', '.join(choices)}" for axis, choices in part.levels.items()}
    if first:
        swept = {name for axis in part.levels for name in axis.split("+")}
        shown |= {group: str(choice) for group, choice in first.choices.items() if group not in swept}
        plain = [k for k, v in first.config.items() if isinstance(v, str | int | float)]
        for key in plain:
            if key not in (*record.NOT_IDENTITY, *shown, "seed"):
                values = dict.fromkeys(str(r.config.get(key)) for r in part.records)
                shown[key] = (
                    ", ".join(values) if len(values) == 1 else f"not the same for all: {', '.join(values)}"
                )
        shown |= {k: str(v) for k, v in first.versions.items() if v is not None}
    return shown | {fact: value for fact, value in part.facts.items() if value}
