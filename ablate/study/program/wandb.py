"""The W&B runs that a program starts itself: they find their group, name and tags in the environment.

A program that says them in its config gets overrides of its own keys: `hydra.sweeper.wandb`. Where that names the
key of its project as well, the report on the study becomes one more run there.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablate.records.run_record import RunRecord, label, telling

VARIABLES = {  # of wandb, which takes what is given to wandb.init over them
    "group": "WANDB_RUN_GROUP",
    "job_type": "WANDB_JOB_TYPE",
    "name": "WANDB_NAME",
    "tags": "WANDB_TAGS",
}
READ = ("project", "entity")  # keys that are only read: where the program's runs go
LONGEST, LONGEST_TAG = 128, 64
UNTRACKED = {"_target_": "ablate.tracking.nothing.Nothing"}  # the program has its own tracker


def facts(
    study: str, cell: Mapping[str, str], seed: int, words: list[str], *, is_baseline: bool
) -> dict[str, str]:
    """What is said of a run, by the names of VARIABLES."""
    what = label(dict(cell), telling(words)).replace(" ", ",")
    return {
        "group": study[:LONGEST],
        "job_type": "baseline" if is_baseline else "cell",
        "name": f"{what[: LONGEST - 16]},s={seed}",
        "tags": ",".join(f"{axis}={arm}"[:LONGEST_TAG] for axis, arm in cell.items()),
    }


def tracker(config: DictConfig) -> dict[str, Any]:
    """What reports on a study of this config to W&B: nothing, where it says no project for its runs."""
    keys = config.hydra.sweeper.wandb
    project, entity = (keys.get(what) and OmegaConf.select(config, keys[what]) for what in READ)
    if not project:
        return UNTRACKED
    return {"_target_": "ablate.tracking.Wandb", "mode": "auto", "project": str(project), "entity": entity}


@contextmanager
def environment(run: RunRecord) -> Iterator[None]:
    """Inside, a W&B run that the program starts belongs to this run; what the user has set stays."""
    words = run.overrides
    said = facts(run.study or "", run.cell, run.seed, words, is_baseline=bool(run.baseline))
    new = {VARIABLES[key]: value for key, value in said.items() if value and not os.environ.get(VARIABLES[key])}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)
