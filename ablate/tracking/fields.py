"""What W&B gets of a run, from its record alone: plain data in, plain data out, no client.

Names and fields are chosen so that the web page groups, filters and plots with no clicks: `config.axes.*` for
columns and parallel coordinates, `config.cell` for mean and spread over seeds, flat summary scalars for bars.
"""

import base64
import json
import re
import secrets
import zlib
from collections.abc import Mapping, Sequence

from ablate.records.run_record import Numbers, RunRecord, telling
from ablate.records.study_plan import StudyPlan
from ablate.text import fitted

Epoch = Mapping[str, float]  # a row of history.csv
Sent = dict[str, object]  # to W&B, which takes any JSON

# history.csv -> W&B; a slash makes a section of the page
HISTORY = {
    "epoch": "epoch",
    "train_loss": "train/loss",
    "train_acc": "train/acc",
    "val_loss": "val/loss",
    "val_acc": "val/acc",
    "lr": "lr",
    "epoch_s": "time/epoch_s",
    "images_per_s": "time/images_per_s",
}
OVER_EPOCHS = ("train/*", "val/*", "time/*", "lr")  # drawn against `epoch`, not against W&B's own step
LONGEST = 128  # characters of a project, group or name that W&B takes
LONGEST_TAG = 64
KEPT = ("format", "recipe", "baseline", "choices", "versions")  # of a record, besides what the config has


def arms(record: RunRecord) -> dict[str, str]:
    """What makes this run different: its cell or, for a run alone, the choices on the command line."""
    if record.cell:
        return dict(record.cell)
    asked = (override.lstrip("+").partition("=") for override in record.overrides)
    return {axis: record.choices[axis] for axis, _, _ in asked if axis in record.choices and axis != "tracker"}


def cell(record: RunRecord) -> str:
    """`pos=learned,patch=4`: equal for all seeds of a cell. A run alone is named by the words of its command."""
    pairs = [f"{axis}={choice}" for axis, choice in record.cell.items()]
    return ",".join(pairs or telling(record.overrides)) or "baseline"


def name(record: RunRecord) -> str:
    """`pos=learned,patch=4,s=0`: the text of a legend."""
    suffix = f",s={record.seed}"
    return cell(record)[: LONGEST - len(suffix)] + suffix


def fresh_id(record: RunRecord) -> str:
    """`pos-learned_patch-4_s0-3fa91c`: `wandb leet` lists folders, so the cell stands in them.

    An id that was once deleted on the server is refused for ever, hence the random end; `secrets`, because a
    seeded generator would draw the same one again.
    """
    words = cell(record).replace(",", "_").replace("=", "-")
    return re.sub(r"[^\w.-]+", "-", f"{words}_s{record.seed}")[:80] + "-" + secrets.token_hex(3)


def project(record: RunRecord) -> str:
    """`ablate-mnist`: a project a data set, without the characters that W&B refuses."""
    return re.sub(r"[/\\#?%:]+", "-", f"ablate-{record.choices['data']}")[:LONGEST]


def tags(record: RunRecord) -> list[str]:
    """Data set, recipe and device: what one filters by that is no axis."""
    choices, versions = record.choices, record.versions
    known = [choices.get("data"), choices.get("recipe"), versions.get("device")]
    return [str(tag)[:LONGEST_TAG] for tag in known if tag]


def group(study: str | None) -> str:
    """A study's name as that of its group, no longer than W&B takes."""
    return fitted(study or "", LONGEST)


def head(record: RunRecord, plan: StudyPlan | None) -> Sent:
    """What `wandb.init` gets for a run of a study, except where it goes; `plan` is study.json."""
    return {
        "group": group(record.study),
        "name": name(record),
        "job_type": job_type(record),
        "tags": tags(record),
        "config": config(record, plan),
    }


def report_head(records: Sequence[RunRecord], plan: StudyPlan | None) -> Sent:
    """The same of the run that carries the report on a study's records."""
    study = records[0].study
    return {
        "group": group(study),
        "name": f"report on {study}"[:LONGEST],
        "job_type": "report",
        "tags": tags(records[0]),
        "config": {
            "study": study,
            "runs": sorted(record.id for record in records),
            "record": {"study": packed(plan)},
        },
    }


def job_type(record: RunRecord) -> str:
    """`baseline` or `cell`. One that does not say is the baseline if its words change nothing of the config."""
    known = cell(record) == "baseline" if record.baseline is None else record.baseline
    return "baseline" if known else "cell"


def packed(plan: StudyPlan | None) -> str | None:
    """study.json for the config of a run: all of it, as it is when the run begins.

    Every run has it, because a study may be read while it runs and before it has a report. Packed it takes some
    20 bytes a run of the study, and no name in it, with its dots, becomes a column of the page.
    """
    return base64.b64encode(zlib.compress(json.dumps(plan.to_json()).encode(), 9)).decode() if plan else None


def config(record: RunRecord, plan: StudyPlan | None) -> Sent:
    """The resolved config, and what the study varied.

    A number axis such as `model.depth` is `axes.model_depth`: W&B reads a dot as a step down. `record` holds what
    else a report needs, so that `python -m ablate.report wandb:...` can do without the disk.
    """
    return dict(record.config) | {
        "axes": {axis.replace(".", "_"): choice for axis, choice in arms(record).items()},
        "cell": cell(record),
        "seed": record.seed,
        "study": record.study,
        "overrides": list(record.overrides),
        "run": record.id,
        "record": {key: getattr(record, key) for key in KEPT}
        | {
            "cell": [list(pair) for pair in record.cell.items()],  # an axis may have dots
            "code": code(record),
            "study": packed(plan),
        },
    }


def code(record: RunRecord) -> Sent:
    """The code that made a run; its own modules as pairs, for their names have dots."""
    own = record.code.get("own")
    return record.code if own is None else record.code | {"own": [list(pair) for pair in own.items()]}


def history(row: Epoch) -> Sent:
    """A row of history.csv under W&B's names; what is not known stays away."""
    return {HISTORY[key]: value for key, value in row.items() if value is not None}


def summary(metrics: Numbers, cost: Numbers) -> Sent:
    """The headline numbers, flat: a nested or slashed name does not sort or filter on the page."""
    return {key: value for key, value in {**metrics, **cost}.items() if value is not None}
