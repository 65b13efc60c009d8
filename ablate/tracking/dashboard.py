"""A study's dashboard in Weights & Biases: a workspace grouped by the axes, and a report with the verdict.

Needs the extra `dashboard` (wandb-workspaces). Objects are built without a network; `save` needs an account.
"""

import json
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ablate.tracking import theirs

HEADLINE = "test_acc"
MEMORY = "dashboard.json"  # in STUDY/wandb: the ids of what was saved, so that saving again changes the same views


class Place(NamedTuple):
    """Where the study's runs are; without an entity nothing can be saved."""

    entity: str
    project: str
    group: str


def clients() -> tuple[ModuleType, ModuleType, ModuleType]:
    """wandb_workspaces: workspaces, reports, filter expressions. ValueError, one line, without the extra."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own deprecations are not the user's
            import wandb_workspaces.reports.v2 as wr
            import wandb_workspaces.workspaces as ws
            from wandb_workspaces import expr
    except ImportError as error:
        extra = "pip install 'vit-ablate[dashboard]' has it"
        raise ValueError(f"the dashboard needs wandb-workspaces ({error}); {extra}") from error
    return ws, wr, expr


def key(axis: str) -> str:
    """The axis in a W&B run's config, as ablate.tracking.fields wrote it."""
    return f"axes.{axis.replace('.', '_')}"


def bars(wr: ModuleType, axes: list[str]) -> list[Any]:
    """Mean test accuracy with its standard deviation, for the arms of each axis and for the cells."""
    names = {axis: key(axis) for axis in axes} | ({"cell": "cell"} if len(axes) > 1 else {})
    return [
        wr.BarPlot(
            title=f"test accuracy by {name} (mean, sd over runs)",
            metrics=[HEADLINE],
            groupby=wr.Config(path),
            groupby_aggfunc="mean",
            groupby_rangefunc="stddev",
            max_bars_to_show=50,
        )
        for name, path in names.items()
    ]


def curves(wr: ModuleType) -> list[Any]:
    """Learning curves by cell: mean over the seeds, and their range as a band."""
    titles = {"val/acc": "validation accuracy", "train/loss": "training loss"}
    return [
        wr.LinePlot(
            title=f"{title} by cell (mean, range over seeds)",
            x="epoch",
            y=[metric],
            groupby=wr.Config("cell"),
            groupby_aggfunc="mean",
            groupby_rangefunc="minmax",
            max_runs_to_show=100,
        )
        for metric, title in titles.items()
    ]


def every_run(wr: ModuleType, axes: list[str]) -> list[Any]:
    """Each run as a line from its arms through its cost to its accuracy, and what the runs' configs have apart."""
    columns = [wr.ParallelCoordinatesPlotColumn(metric=wr.Config(key(axis)), display_name=axis) for axis in axes]
    for name, log in (("flops_per_image", True), ("train_s", True), (HEADLINE, False)):
        columns.append(wr.ParallelCoordinatesPlotColumn(metric=wr.SummaryMetric(name), display_name=name, log=log))
    return [
        wr.ParallelCoordinatesPlot(columns=columns, title="from arms to accuracy"),
        wr.RunComparer(diff_only=True),
    ]


def workspace(place: Place, axes: list[str]) -> Any:
    """The saved view: the study's runs, grouped by cell, without its report run."""
    ws, wr, expr = clients()
    sections = {"Arms": bars(wr, axes), "Learning curves": curves(wr), "All runs": every_run(wr, axes)}
    return ws.Workspace(
        name=f"ablate: {place.group}",
        entity=place.entity,
        project=place.project,
        sections=[ws.Section(name=name, panels=panels, is_open=True) for name, panels in sections.items()],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=100),
        runset_settings=ws.RunsetSettings(
            filters=expr.And(expr.Metric("Group") == place.group, expr.Metric("JobType") != "report"),
            groupby=[expr.Config(key(axis)) for axis in axes],
            pinned_columns=["run:displayName", f"summary:{HEADLINE}", "summary:train_s"],
        ),
    )


def report(place: Place, axes: list[str], verdict: list[str], tables: dict[str, str]) -> Any:
    """The page to share: verdict sentences, tables in Markdown by heading, live panels over the study's runs."""
    _, wr, _ = clients()
    given = {"entity": place.entity, "project": place.project} if place.entity else {}
    runs = wr.Runset(name=place.group, filters=f"Group = '{place.group}' and JobType != 'report'", **given)
    blocks = [
        wr.H1(text="Verdict"),
        wr.MarkdownBlock(text="\n".join(f"* {line}" for line in verdict) or "None yet."),
    ]
    for heading, table in tables.items():
        blocks += [wr.H1(text=heading), wr.MarkdownBlock(text=table)]
    panels = [*bars(wr, axes), *curves(wr), *every_run(wr, axes)]
    blocks += [wr.H1(text="Live from the runs"), wr.PanelGrid(runsets=[runs], panels=panels)]
    title = f"Ablation: {place.group}"[:128]
    return wr.Report(entity=place.entity, project=place.project, title=title, blocks=blocks, width="fluid")


def as_json(view: theirs.View) -> dict[str, Any]:
    """What `save` would send of a workspace or a report."""
    return json.loads(view._to_model().model_dump_json(by_alias=True, exclude_none=True))


def save(folder: Path, space: theirs.Workspace, page: theirs.Page) -> tuple[str, str]:
    """Saves both, in place of what was saved of this study before -> (address of the workspace, of the report)."""
    memory = folder / "wandb" / MEMORY
    before = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    space._internal_id, space._internal_name = before.get("workspace", ""), before.get("name", "")
    page.id = before.get("report", "")
    space.save()
    page.save()
    memory.parent.mkdir(parents=True, exist_ok=True)
    now = {"workspace": space._internal_id, "name": space._internal_name, "report": page.id}
    memory.write_text(json.dumps(now), encoding="utf-8")
    return space.url, page.url
