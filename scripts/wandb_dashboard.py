"""A study in Weights & Biases, laid out: a workspace grouped by its axes, and a report with its verdict.

    python scripts/wandb_dashboard.py runs/STUDY                 saves both and prints where they are
    python scripts/wandb_dashboard.py runs/STUDY --json FILE     only writes what would be saved; needs no account
    python scripts/wandb_dashboard.py runs/STUDY --metric test_loss      with another number of the runs

The study's runs must be in W&B (`wandb sync` sends offline ones). Needs the extra: pip install -e ".[dashboard]".
"""

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ablate.config.output import forgiving
from ablate.records import atomic
from ablate.records.damage import NewerFormat
from ablate.records.run_record import RunRecord
from ablate.report import tables
from ablate.report.findings import Criteria, find
from ablate.report.measure import Measure, history_of
from ablate.report.pages.templates import cell
from ablate.report.read import studies
from ablate.report.words.decision import decision_sentences
from ablate.report.words.sentences import LABELS, verdict_sentences
from ablate.tracking import dashboard, fields


@forgiving()
def main(words: list[str] | None = None) -> int:
    """0 well, 2 for what the user can mend, with one line that says how."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="the folder of a study")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the workspace and the report there instead"
    )
    parser.add_argument("--entity", help="of the runs in W&B; by default theirs, or that of the account")
    parser.add_argument("--project", help="of the runs in W&B; by default theirs, or ablate-<data set>")
    parser.add_argument("--metric", help="the number to compare; by default the study's own")
    parser.add_argument("--direction", help="maximize or minimize, where the metric's name does not say it")
    given = parser.parse_args(words)
    try:
        asked = Criteria(metric=given.metric, direction=given.direction)
        lay_out(given.study, given.json, given.entity, given.project, asked)
    except (ValueError, NewerFormat) as error:
        print(f"ablate: {error}", file=sys.stderr)
        return 2
    return 0


def lay_out(folder: Path, file: Path | None, entity: str | None, project: str | None, asked: Criteria) -> None:
    records, plan = studies.read([folder])
    if not records:
        raise ValueError(f"{folder}: no run has begun, so W&B has none to show")
    at = place(records, entity, project)
    axes = list(plan.axes)
    found, _ = find(records, plan, asked)
    verdict = [
        f"**{LABELS[said.verdict]}** {cell(said.text)}" if said.verdict else cell(said.text)
        for part in found
        for said in [*decision_sentences(part), *verdict_sentences(part)]
    ]
    shown = {"Effects": markdown(tables.effects(found[0])), "Cells": markdown(tables.cells(found[0]))}
    head = headline(found[0].measure)
    if file:
        space = dashboard.workspace(at, axes, head)
        page = dashboard.report(at._replace(entity=""), axes, verdict, shown, head)
        both = {"workspace": dashboard.as_json(space), "report": dashboard.as_json(page)}
        atomic.write(file, json.dumps(both, indent=1, ensure_ascii=False))
        print(f"written, not sent: {file}")
        return
    at = at._replace(entity=at.entity or account())
    page = dashboard.report(at, axes, verdict, shown, head)
    addresses = dashboard.save(folder, dashboard.workspace(at, axes, head), page)
    for what, address in zip(("workspace", "report"), addresses, strict=True):
        print(f"{what}: {address}")


def headline(measure: Measure) -> dashboard.Headline:
    """The metric as the dashboard names it, with the curves that W&B has of it."""
    learned = history_of(measure)
    key = fields.HISTORY.get(learned.name)
    curves = ((key, learned.title),) if key else ()
    more = (("train/loss", "training loss"),) if measure.is_ours else ()
    return dashboard.Headline(measure.name, measure.title, (*curves, *more))


def place(records: list[RunRecord], entity: str | None, project: str | None) -> dashboard.Place:
    """Where the runs are: as asked, as an online run's address says, or where `wandb sync` puts them."""
    urls = [(r.wandb or {}).get("url") for r in records]
    parts = next(
        (urlsplit(url).path.strip("/").split("/") for url in urls if url), ["", fields.project(records[0])]
    )
    return dashboard.Place(entity or parts[0], project or parts[1], fields.group(records[0].study))


def account() -> str:
    """The entity that the account of this machine writes to. ValueError, one line, without an account."""
    from ablate.tracking import mode

    decision = mode.decide("auto")
    if decision.mode != "online":
        raise ValueError(f"W&B: {decision.mode}, {decision.why} ({decision.change}); --json FILE needs no account")
    import wandb

    return str(wandb.Api().default_entity)


def markdown(table: tables.Table) -> str:
    lines = [table.headings, ["---"] * len(table.headings), *table.rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
