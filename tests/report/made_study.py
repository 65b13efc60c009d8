"""Studies of known truth, written as a trainer would leave them: plan, records, histories, predictions."""

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan

DEFAULTS = {"pos": "learned", "patch": "4", "pool": "mean", "color": "gray", "aug": "shift"}
DAY = "2026-11-23T20:00:00+00:00"


def record(study: str, cell: dict[str, str], seed: int, acc: float | None, **changes) -> dict:
    """One record as in the contract; `acc` None is a run that failed, `changes` replace whole fields."""
    choices = DEFAULTS | cell
    identity = hashlib.sha256(json.dumps([choices, seed, changes.get("recipe", "")]).encode()).hexdigest()[:12]
    patch = int(choices["patch"])
    tokens = (28 // patch) ** 2 + (choices["pool"] == "cls")
    params = 200_000 + 64 * tokens * (choices["pos"] == "learned") + 64 * patch**2
    seconds = 0.8 * tokens
    metrics = {
        "test_acc": acc,
        "test_loss": 1.2 * (1 - (acc or 0)),
        "val_acc": acc,
        "val_loss": 0.05,
        "train_loss": 0.03,
    }
    cost = {
        "tokens": tokens,
        "params": params,
        "flops_per_image": 2 * params * tokens,
        "train_flops": 6 * params * tokens * 55_000 * 5,
        "images_per_s": 55_000 * 5 / seconds,
        "train_s": seconds,
        "peak_bytes": None,
    }
    nothing = dict.fromkeys(metrics) if acc is None else metrics
    whole = {
        "format": 1,
        "id": identity,
        "study": study,
        "state": "failed" if acc is None else "done",
        "attempts": 1,
        "cell": cell,
        "seed": seed,
        "recipe": changes.get("recipe", "5ab1e0000000"),
        "overrides": [f"{axis}={choice}" for axis, choice in cell.items()] + [f"seed={seed}"],
        "choices": {"data": "mnist", "model": "vit", "optim": "adamw", **choices},
        "config": {
            "seed": seed,
            "epochs": 5,
            "batch": 128,
            "device": "auto",
            "name": study,
            "optim": {"lr": 0.004, "weight_decay": 0.05},
            "pos": {"_target_": f"ablate.axes.pos.{choices['pos'].title()}"},
            "patch": {"size": patch},
            "model": {
                "dim": 64,
                "net": {"pos": {"_target_": f"ablate.axes.pos.{choices['pos'].title()}"}, "patch": patch},
            },
        },
        "metrics": nothing,
        "cost": dict.fromkeys(cost) if acc is None else cost,
        "error": "FloatingPointError: loss is nan at step 12; try a smaller optim.lr\ntraceback"
        if acc is None
        else None,
        "started": DAY,
        "ended": DAY,
        "versions": {"python": "3.11.7", "torch": "2.15.0", "ablate": "0.1.0", "device": "cpu: 2 cores"},
        "code": {"commit": "0123abc", "dirty": False},
        "wandb": {"id": None, "mode": "disabled", "folder": None, "url": None},
    }
    return whole | {key: value for key, value in changes.items() if key in whole}


def plan(study: str, axes: dict[str, list[str]], seeds: list[int], **changes) -> dict:
    """study.json of a full grid."""
    cells = [dict(zip(axes, choices, strict=True)) for choices in itertools.product(*axes.values())]
    runs = [(cell, seed) for cell in cells for seed in seeds]
    words = [f"{axis}={','.join(choices)}" for axis, choices in axes.items()]
    return {
        "format": 1,
        "study": study,
        "command": ["python", "-m", "ablate.train", "-m", *words, f"seed={','.join(map(str, seeds))}"],
        "axes": axes,
        "baseline": {axis: DEFAULTS.get(axis, choices[0]) for axis, choices in axes.items()},
        "seeds": seeds,
        "runs": [{"id": record(study, cell, seed, 0.0)["id"], "cell": cell, "seed": seed} for cell, seed in runs],
        "design": {"kind": "full", "zip": [], "resolution": None, "aliases": []},
        "created": DAY,
    } | changes


def truth(cell: dict[str, str], seed: int) -> float:
    """An accuracy with a strong pos x patch interaction, a part shared by a seed, and noise of the run."""
    noise = np.random.default_rng([seed, *(" ".join(cell.values()).encode())])
    shared = 0.0006 * np.random.default_rng(seed).standard_normal()
    lost = {"none": {"4": 0.14, "7": 0.01, "14": 0.02, "2": 0.2}, "sinusoidal": {}, "learned": {}}[
        cell.get("pos", "learned")
    ]
    acc = 0.988 - lost.get(cell.get("patch", "4"), 0.0) - 0.004 * (cell.get("patch") == "7")
    return float(acc + shared + 0.0008 * noise.standard_normal())


def made(
    axes: dict[str, list[str]],
    seeds: list[int],
    *,
    study: str = "made",
    acc: Callable[[dict[str, str], int], float | None] = truth,
    **changes,
) -> tuple[dict, list[dict]]:
    """Plan and records in memory; an accuracy of None is a failed run, NaN one that has not started."""
    asked = plan(study, axes, seeds)
    wanted = [(run["cell"], run["seed"], acc(run["cell"], run["seed"])) for run in asked["runs"]]
    records = [record(study, c, s, a, **changes) for c, s, a in wanted if a is None or a == a]
    return asked, [{**r, "folder": f"runs/{study}/{r['id']}"} for r in records]


def written(folder: Path, asked: dict, records: list[dict]) -> Path:
    """The same on disk, with history and predictions of each run that is done. Returns the study's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_text(json.dumps(asked))
    label = np.random.default_rng(0).integers(0, 10, 1000).astype(np.uint8)
    for one in records:
        home = folder / one["id"]
        home.mkdir(exist_ok=True)
        (home / "record.json").write_text(json.dumps({k: v for k, v in one.items() if k != "folder"}))
        if one["state"] != "done":
            continue
        rng = np.random.default_rng(int(one["id"], 16))
        wrong = rng.random(1000) > one["metrics"]["test_acc"]
        np.savez_compressed(home / "predictions.npz", test=np.where(wrong, (label + 1) % 10, label), label=label)
        rows = ["epoch,train_loss,train_acc,val_loss,val_acc,lr,epoch_s,images_per_s"]
        for epoch in range(1, 6):
            acc = one["metrics"]["test_acc"] - 0.3 * 0.4**epoch
            rows.append(f"{epoch},{1 - acc:.4f},{acc:.4f},{1 - acc:.4f},{acc:.4f},0.004,10.0,5500")
        (home / "history.csv").write_text("\n".join(rows) + "\n")
    return folder


def read(asked: dict, records: list[dict]) -> tuple[list[RunRecord], StudyPlan]:
    """The same as a reader of the files has them."""
    return [run_record(one) for one in records], StudyPlan.from_json(asked)


def run_record(one: dict) -> RunRecord:
    on_disk = {key: value for key, value in one.items() if key != "folder"}
    return replace(RunRecord.from_json(on_disk), folder=one.get("folder"))
