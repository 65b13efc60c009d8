"""The fields are a function of the record: no client, no disk."""

import base64
import json
import random
import zlib
from dataclasses import replace

import pytest

from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.tracking import fields

ALONE = RunRecord(
    id="0123456789ab",
    study="single",
    state="running",
    cell={},
    seed=0,
    overrides=["seed=0", "epochs=1"],
    choices={"data": "mnist", "pos": "learned", "tracker": "wandb"},
    config={"epochs": 1},
)


def test_a_run_is_named_by_its_arms_and_seed(record):
    assert fields.cell(record()) == "pos=learned,patch=4"
    assert fields.name(record(seed=3)) == "pos=learned,patch=4,s=3"
    assert fields.job_type(record()) == "cell"


def test_a_run_alone_is_named_by_the_choices_of_its_command_line():
    assert fields.name(ALONE) == "epochs=1,s=0"
    assert fields.job_type(ALONE) == "cell"
    assert fields.name(replace(ALONE, overrides=["seed=0"])) == "baseline,s=0"
    assert fields.job_type(replace(ALONE, overrides=["seed=0"])) == "baseline"
    words, choices = ["pos=none", "tracker=wandb"], ALONE.choices | {"pos": "none"}
    asked = replace(ALONE, overrides=words, choices=choices)
    assert fields.name(asked) == "pos=none,s=0"
    assert fields.job_type(asked) == "cell"


def test_a_record_can_say_that_its_cell_is_the_baseline(record):
    assert fields.job_type(replace(record(), baseline=True)) == "baseline"


def test_ids_carry_the_cell_and_never_repeat_even_under_one_seed(record):
    ids = set()
    for _ in range(5):
        random.seed(0)
        ids.add(fields.fresh_id(record(seed=2)))
    assert len(ids) == 5
    assert all(i.startswith("pos-learned_patch-4_s2-") for i in ids)


def test_names_stay_within_what_wandb_takes(record):
    cell, choices = {"pos": "learned" * 40, "a/b": "x:y;z'"}, {"data": "my/data:set", "recipe": "r" * 99}
    long = replace(record(), cell=cell, choices=choices)
    assert len(fields.name(long)) == 128
    assert fields.name(long).endswith(",s=0")
    assert len(fields.fresh_id(long)) <= 128
    assert not set(fields.fresh_id(replace(record(), cell={"a/b": "x:y;z'"}))) & set(":;,#?/'")
    assert fields.project(long) == "ablate-my-data-set"
    assert fields.tags(long) == ["my/data:set", "r" * 64]


@pytest.mark.parametrize("head", [lambda r: fields.head(r, None), lambda r: fields.report_head([r], None)])
def test_a_group_is_cut_to_what_wandb_takes_and_two_of_them_stay_apart(record, head):
    groups = [head(replace(record(), study="patch-" * 23 + end))["group"] for end in ("ab", "cd")]
    assert {len(group) for group in groups} == {128}
    assert len(set(groups)) == 2
    assert head(replace(record(), study="s" * 128))["group"] == "s" * 128


def test_config_is_the_record_s_and_what_the_study_varied(record):
    config = fields.config(replace(record(seed=1), cell={"pos": "none", "model.depth": "2"}), None)
    assert config["model"] == {"dim": 64, "depth": 4}
    assert config["axes"] == {"pos": "none", "model_depth": "2"}
    assert config["cell"] == "pos=none,model.depth=2"
    assert (config["seed"], config["study"], config["run"]) == (1, "patch pos", "000000000001")
    assert config["overrides"] == ["pos=learned", "patch=4", "seed=1"]


def test_every_run_and_the_report_hold_study_json_in_a_few_bytes_a_run(record):
    runs = [
        {"id": f"{n * 0x9E3779B97F4A:012x}"[:12], "cell": {"model.depth": str(n % 5)}, "seed": n}
        for n in range(500)
    ]
    plan = StudyPlan.from_json({"study": "patch pos", "looks": [3, 6], "runs": runs})
    kept = fields.config(record(), plan)["record"]["study"]
    assert fields.report_head([record()], plan)["config"]["record"]["study"] == kept
    assert len(kept) < 20 * len(runs)
    assert json.loads(zlib.decompress(base64.b64decode(kept))) == plan.to_json()
    assert fields.config(record(), None)["record"]["study"] is None


def test_what_is_not_known_is_not_sent():
    assert fields.history({"epoch": 0, "val_acc": None, "lr": 0.0}) == {"epoch": 0, "lr": 0.0}
    assert fields.summary({"test_acc": 0.0, "test_loss": None}, {"tokens": 49}) == {
        "test_acc": 0.0,
        "tokens": 49,
    }


def test_a_column_that_wandb_has_no_name_for_is_our_mistake():
    with pytest.raises(KeyError, match="loss"):
        fields.history({"loss": 1.0})
