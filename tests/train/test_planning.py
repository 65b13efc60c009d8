"""Each cell is built once before anything trains: what a part says then is told; a look at values is no fault."""

from pathlib import Path

import pytest

from ablate.records import record
from ablate.records.run_record import RunRecord

PARTS = {
    "pos/listed": "odd_parts.Listed",
    "pos/careful": "odd_parts.Careful",
    "pos/reworded": "odd_parts.Reworded",
    "pos/unsure": "odd_parts.Unsure",
    "pos/refusing": "odd_parts.Refusing",
    "pos/curt": "odd_parts.Curt",
    "mlp/wrong": "odd_parts.Wrong\n_partial_: true\nratio: 2.0",
    "model/sparse": None,
    "data/none": "odd_parts.Data\ntrain: 3",
    "data/lost": "odd_parts.Lost\ngone: '*/*/record.json'",
    "data/early": "odd_parts.Lost\ngone: '*/study.json'",
    "sched/broken": "odd_parts.schedule\nrate: 1.0",
}


@pytest.fixture
def mine(tmp_path: Path) -> str:
    """`--config-dir` of a user with all these parts."""
    for name, target in PARTS.items():
        file = tmp_path / "mine" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = "_partial_: true\n" * name.startswith("pos")
        net = "dim: 8\ndepth: 1\nheads: 2\nnet:\n  _target_: odd_parts.Sparse\n  _partial_: true\n"
        file.write_text(f"_target_: {target}\n{partial}" if target else net)
    return "--config-dir=mine"


def only_record() -> RunRecord:
    (run,) = record.read_study(Path("runs") / "single")
    return run


@pytest.mark.parametrize("word", ["pos=listed", "pos=careful", "pos=reworded", "model=sparse"])
def test_a_part_that_looks_at_values_trains_and_its_flops_are_not_known(train, mine, word):
    recipe = ("data=synthetic", "epochs=1", "tracker=none", "hydra/launcher=basic")
    said = train(mine, word, "data.train=64", "data.val=8", "data.test=8", recipe=recipe)
    assert said.code == 0, said.err
    cost = only_record().cost
    assert (cost["flops_per_image"], cost["train_flops"]) == (None, None)
    assert cost["params"] > 0


def test_a_budget_of_flops_says_of_which_cell_they_are_not_known(train, mine):
    said = train(mine, "-m", "pos=none,listed", "sweep.budget=flops")
    assert (said.code, said.err) == (
        2,
        "ablate: sweep.budget=flops: the FLOPs of pos=listed are not known; sweep.budget=seconds works\n",
    )


LINES = {
    # The words of the part win over the error that they explain.
    "pos=refusing": "model.dim=8 has no table; model.dim=7 does",
    # A line that names no key has the cell, or what was typed of the part, before it.
    "pos=curt": "pos=curt: cannot do that",
    "pos=unsure": "pos=unsure: KeyError: 'table'",
    "mlp=wrong": "mlp=wrong: TypeError: unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
    "data=none": "data=none: 3 images are too few",
    "sched=broken": "sched=broken: ZeroDivisionError: float division by zero",
    "optim.betas=[2,0.9]": "optim.betas=[2.0,0.9]: Invalid beta parameter at index 0: 2.0",
}


@pytest.mark.parametrize(("word", "line"), LINES.items())
def test_the_line_of_a_part_arrives_and_names_it(train, mine, word, line):
    said = train(mine, word)
    assert (said.code, said.err) == (2, f"ablate: {line}\n")


@pytest.mark.parametrize("word", ["data=lost", "data=early"])
def test_the_line_of_a_part_arrives_when_it_refuses_later_too(train, mine, word):
    said = train(mine, word)
    line = "data.root=/mnt: the disk is gone; mount it"
    if word == "data=early":
        assert (said.code, said.err) == (2, f"ablate: {line}\n")
    else:
        assert (said.code, only_record().error) == (3, f"ValueError: {line}")


def test_in_a_study_the_whole_cell_stands_before_such_a_line(train, mine):
    said = train(mine, "-m", "pos=none,curt", "patch=4,7")
    assert said.err == "ablate: patch=4 pos=curt: cannot do that\nablate: patch=7 pos=curt: cannot do that\n"


def test_timms_own_line_arrives(train):
    recipe = ("data=synthetic", "tracker=none")
    said = train("model=timm", "model.name=cait_xxs24_224", recipe=recipe)
    assert (said.code, said.err) == (
        2,
        "ablate: model.name=cait_xxs24_224 cannot take 28x28 images; image.size=32 does\n",
    )


@pytest.mark.slow
def test_a_model_that_the_counter_of_flops_cannot_follow_trains(train):
    recipe = ("data=synthetic", "data.train=4", "data.val=4", "data.test=4", "batch=4", "epochs=1", "tracker=none")
    said = train(
        "model=timm", "model.name=cait_xxs24_224", "image.size=32", recipe=(*recipe, "hydra/launcher=basic")
    )
    assert said.code == 0, said.err
    cost = only_record().cost
    assert (cost["params"] > 10_000_000, cost["flops_per_image"]) == (True, None)


def test_planning_and_counting_leave_the_generator_of_the_run_alone():
    import torch
    from odd_parts import Sparse

    from ablate.train.count import count

    torch.manual_seed(3)
    before = torch.get_rng_state()
    count(lambda: Sparse(image=(1, 4, 4), classes=2), (1, 4, 4))
    assert torch.equal(before, torch.get_rng_state())
