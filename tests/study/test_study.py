"""What a study leaves behind, and what the same command does again."""

import csv
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import HERE, TINY

from ablate.records import record
from ablate.records.run_record import RunRecord

FIELDS = [
    "format",
    "id",
    "study",
    "state",
    "attempts",
    "turn",
    "cell",
    "seed",
    "baseline",
    "recipe",
    "overrides",
    "choices",
    "config",
    "metrics",
    "cost",
    "data",
    "accumulate",
    "error",
    "started",
    "ended",
    "versions",
    "code",
    "wandb",
]


def records(study: str) -> dict[str, RunRecord]:
    found = record.read_study(Path("runs") / study)
    return {f"{record.label(r.cell)} seed={r.seed}": r for r in found}


@pytest.mark.slow
def test_the_main_job_in_small(train):
    said = train("-m", "pos=none,learned", "patch=4,7")
    assert said.code == 0, said.err
    found = records("patch-pos")
    assert list(found) == [
        "patch=4 pos=none seed=0",
        "patch=7 pos=none seed=0",
        "patch=4 pos=learned seed=0",
        "patch=7 pos=learned seed=0",
    ]
    for r in found.values():
        folder = Path(r.folder)
        assert list(json.loads((folder / "record.json").read_text())) == [*FIELDS, "sum"]
        assert r.state == "done"
        assert (folder.name, r.error) == (r.id, None)
        assert 0 <= r.metrics["test_acc"] <= 1
        predicted = np.load(folder / "predictions.npz")["test"]
        assert (predicted.shape, predicted.dtype) == ((256,), np.uint8)
        assert [row["epoch"] for row in csv.DictReader((folder / "history.csv").read_text().splitlines())] == ["1"]
        weights = torch.load(folder / "weights.pt", weights_only=True)
        assert sum(w.numel() for w in weights.values()) == r.cost["params"]
        assert not [f for f in folder.iterdir() if f.name.startswith(".")], "no drafts stay behind"
    assert found["patch=4 pos=none seed=0"].cost["tokens"] == 49
    table = said.out[said.out.index("patch  pos ") :]
    assert all(len(line) <= 80 for line in table.splitlines() if "runs/" not in line), table
    assert "records: runs/patch-pos" in said.out
    assert "next: python -m ablate.report runs/patch-pos" in said.out


def test_the_headline_is_the_share_of_right_predictions(train):
    from ablate.data.synthetic import Synthetic

    train("epochs=2")
    (r,) = records("single").values()
    truth = Synthetic(**{k: v for k, v in r.config["data"].items() if k != "_target_"}).load().test.y.numpy()
    predicted = np.load(Path(r.folder) / "predictions.npz")["test"]
    assert r.metrics["test_acc"] == (predicted == truth).mean()


def test_the_same_command_again_trains_nothing_and_more_seeds_only_the_new_ones(train):
    train("-m", "pos=none,learned")
    before = {name: r.ended for name, r in records("pos").items()}
    again = train("-m", "pos=none,learned")
    assert again.code == 0
    assert "2 runs, 2 finished before" in again.out
    assert {name: r.ended for name, r in records("pos").items()} == before
    more = train("-m", "pos=none,learned", "seed=range(3)")
    assert "6 runs, 2 finished before" in more.out
    assert {name: r.attempts for name, r in records("pos").items()} == dict.fromkeys(records("pos"), 1)
    fresh = train("-m", "pos=none,learned", "sweep.fresh=true")
    assert "2 runs\n" in fresh.out
    assert records("pos")["pos=none seed=0"].attempts == 2


@pytest.mark.slow
def test_a_thousand_finished_runs_are_planned_within_30_seconds(train, tmp_path):
    """Two are real, the others are copies of them under other seeds."""
    train("-m", "pos=none,learned", "seed=0")
    plan = record.read_plan(Path("runs/pos"))
    for entry in list(plan.runs):
        r = record.find(Path("runs/pos") / entry.id)
        for seed in range(1, 500):
            words = [f"seed={seed}" if word == "seed=0" else word for word in entry.overrides]
            copy = {"id": f"{entry.id[:9]}{seed:03}", "seed": seed, "overrides": words}
            folder = tmp_path / "runs/pos" / copy["id"]
            shutil.copytree(Path("runs/pos") / entry.id, folder)
            record.save(folder, replace(r, **copy))
            plan.runs.append(replace(entry, **copy))
    record.save_plan(Path("runs/pos"), plan)
    words = [*TINY, "tracker=none", HERE, "-m", "seed=range(500)", "pos=none,learned"]
    began = time.monotonic()
    said = subprocess.run([sys.executable, "-m", "ablate.train", *words], text=True, capture_output=True)
    took = time.monotonic() - began
    assert said.returncode == 0, said.stderr
    assert "pos: 1000 runs, 1000 finished before\n" in said.stdout
    print(f"1000 finished runs: {took:.1f} s, with the verdict and its pages")
    assert took < 30


def test_a_run_alone_and_the_same_run_inside_a_sweep_agree_bit_for_bit(train):
    train("-m", "pos=none,learned", "patch=4,7", "seed=0,1", "epochs=2", "precision=fp32")
    train("pos=learned", "patch=7", "seed=1", "epochs=2", "precision=fp32")
    swept, (alone,) = records("patch-pos")["patch=7 pos=learned seed=1"], records("single").values()
    assert swept.id == alone.id
    assert swept.metrics == alone.metrics
    both = [torch.load(Path(r.folder) / "weights.pt", weights_only=True) for r in (swept, alone)]
    assert all(torch.equal(both[0][name], both[1][name]) for name in both[0])


def test_a_failed_run_is_in_the_table_and_the_others_go_on(train):
    said = train("-m", "optim.lr=1e9,4e-3", "clip=0", "optim=sgd", "epochs=3")
    assert said.code == 3, said.out
    found = records("optim.lr")
    bad, good = found.values()
    assert (bad.state, good.state) == ("failed", "done")
    assert bad.error.startswith("FloatingPointError: the loss is nan at step ")
    assert bad.error.endswith("; try a smaller optim.lr")
    assert set(bad.metrics.values()) == {None}
    assert "Traceback" in (Path(bad.folder) / "error.txt").read_text()
    assert "failed" in said.out
    assert bad.error in " ".join(said.out.split())


@pytest.mark.slow
def test_runs_of_another_recipe_are_not_mixed_in(train):
    train("-m", "pos=none,learned")
    said = train("-m", "pos=none,learned", "epochs=2")
    assert "not shown: 2 runs of another recipe in the same folder" in said.out
    assert said.out.count("test acc %") == 1, "what is said not to be shown is not shown"
    assert "cannot be compared" not in said.out
    plan = record.read_plan(Path("runs/pos"))
    assert len(plan.runs) == 2


@pytest.mark.parametrize(
    "words",
    ["patch=4,7", "patch=glob(*,exclude=[1,2,14,conv,overlap])", "patch=range(4,8,3)", "patch=choice(4,7)"],
)
def test_numbers_are_names_of_choices(train, words):
    assert train("-m", words).code == 0
    assert [r.cell for r in records("patch").values()] == [{"patch": "4"}, {"patch": "7"}]


@pytest.mark.slow
def test_a_committed_study_needs_no_dash_m(train):
    said = train("+study=main")
    assert said.code == 0, said.err
    assert len(records("main")) == 4


def test_a_name_makes_a_study_and_flags_may_stand_anywhere(train):
    assert train("pos=none,learned", "-m", "name=mine").code == 0
    plan = record.read_plan(Path("runs/mine"))
    assert plan.axes == {"pos": ["none", "learned"]}
    assert plan.baseline == {"pos": "learned"}
    assert len(plan.runs) == 2


def test_a_folder_may_have_spaces_and_quotes_in_its_name(train):
    said = train("-m", "pos=none,learned", "hydra.sweep.dir='my runs/it\\'s, mine'")
    assert said.code == 0, said.err
    assert len(list(Path("my runs/it's, mine").glob("*/record.json"))) == 2


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("ablate.axes.pos.Learned", "pos=twin is the same as pos=learned; it is trained once"),
        ("trouble.Twin", "twin"),
    ],
)
@pytest.mark.slow
def test_a_study_says_that_an_arm_is_dead_before_it_trains(train, tmp_path, target, told):
    (tmp_path / "mine" / "pos").mkdir(parents=True)
    (tmp_path / "mine" / "pos" / "twin.yaml").write_text(f"_target_: {target}\n_partial_: true\nstd: 0.02\n")
    said = train("--config-dir=mine", "-m", "pos=learned,twin", "pos.std=0.02")
    assert said.code == 0, said.err
    (line,) = [line for line in said.out.splitlines() if line.startswith("audit: ")]
    assert told in line
    assert "learned" in line
    assert "audit: " not in train("-m", "pos=none,learned").out


@pytest.mark.mnist
@pytest.mark.slow
def test_real_digits_are_learned_in_a_few_hundred_steps(train, mnist):
    tiny = ("epochs=1", "batch=250", "patch=7", "model.dim=32", "model.depth=2", "tracker=none")
    said = train("-m", "pos=none,learned", recipe=tiny)
    assert said.code == 0, said.err
    accuracy = {r.cell["pos"]: r.metrics["test_acc"] for r in records("pos").values()}
    assert accuracy["learned"] > 0.5  # chance is 0.1
