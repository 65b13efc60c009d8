"""A study's dashboard in Weights & Biases: a workspace grouped by the axes, and a report with the verdict.

Needs the extra `dashboard` (wandb-workspaces). Objects are built without a network; `save` needs an account.
"""

import json
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ablate.tracking import theirs

MEMORY = "dashboard.json"  # in STUDY/wandb: the ids of what was saved, so that saving again changes the same views


class Headline(NamedTuple):
    """The metric that a study is about: a key of the runs' summary, and what people call it."""

    name: str = "test_acc"
    title: str = "test accuracy"
    curves: tuple[tuple[str, str], ...] = (("val/acc", "validation accuracy"), ("train/loss", "training loss"))


ACCURACY = Headline()


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


def bars(wr: ModuleType, axes: list[str], shown: Headline) -> list[Any]:
    """The mean of the metric with its standard deviation, for the arms of each axis and for the cells."""
    names = {axis: key(axis) for axis in axes} | ({"cell": "cell"} if len(axes) > 1 else {})
    return [
        wr.BarPlot(
            title=f"{shown.title} by {name} (mean, sd over runs)",
            metrics=[shown.name],
            groupby=wr.Config(path),
            groupby_aggfunc="mean",
            groupby_rangefunc="stddev",
            max_bars_to_show=50,
        )
        for name, path in names.items()
    ]


def curves(wr: ModuleType, shown: Headline) -> list[Any]:
    """Learning curves by cell: mean over the seeds, and their range as a band."""
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
        for metric, title in shown.curves
    ]


def costs(shown: Headline) -> list[tuple[str, bool]]:
    """Columns of the parallel coordinates, and whether each has a log scale."""
    kept = [("flops_per_image", True), ("train_s", True)]
    return [*((name, log) for name, log in kept if name != shown.name), (shown.name, False)]


def every_run(wr: ModuleType, axes: list[str], shown: Headline) -> list[Any]:
    """Each run as a line from its arms through its cost to its metric, and what the runs' configs have apart."""
    columns = [wr.ParallelCoordinatesPlotColumn(metric=wr.Config(key(axis)), display_name=axis) for axis in axes]
    for name, log in costs(shown):
        columns.append(wr.ParallelCoordinatesPlotColumn(metric=wr.SummaryMetric(name), display_name=name, log=log))
    return [
        wr.ParallelCoordinatesPlot(columns=columns, title=f"from arms to {shown.title.removeprefix('test ')}"),
        wr.RunComparer(diff_only=True),
    ]


def workspace(place: Place, axes: list[str], shown: Headline = ACCURACY) -> Any:
    """The saved view: the study's runs, grouped by cell, without its report run."""
    ws, wr, expr = clients()
    sections = {
        "Arms": bars(wr, axes, shown),
        "Learning curves": curves(wr, shown),
        "All runs": every_run(wr, axes, shown),
    }
    return ws.Workspace(
        name=f"ablate: {place.group}",
        entity=place.entity,
        project=place.project,
        sections=[
            ws.Section(name=name, panels=panels, is_open=True) for name, panels in sections.items() if panels
        ],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=100),
        runset_settings=ws.RunsetSettings(
            filters=expr.And(expr.Metric("Group") == place.group, expr.Metric("JobType") != "report"),
            groupby=[expr.Config(key(axis)) for axis in axes],
            pinned_columns=["run:displayName", f"summary:{shown.name}", "summary:train_s"],
        ),
    )


def report(
    place: Place, axes: list[str], verdict: list[str], tables: dict[str, str], shown: Headline = ACCURACY
) -> Any:
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
    panels = [*bars(wr, axes, shown), *curves(wr, shown), *every_run(wr, axes, shown)]
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
