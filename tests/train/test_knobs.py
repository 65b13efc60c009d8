"""Knobs of a training: an average of the weights, batches in parts, activations computed again."""

import json

import pytest
import torch


def records(tmp_path):
    found = [json.loads(file.read_text()) for file in (tmp_path / "runs").glob("*/*/record.json")]
    return sorted(found, key=lambda one: one["started"])


def test_an_average_of_the_weights_is_judged_and_kept(train, tmp_path):
    assert train("epochs=2", "name=plain").code == 0
    assert train("epochs=2", "name=average", "ema=0.9").code == 0
    plain, average = (
        torch.load(next((tmp_path / "runs" / name).glob("*/weights.pt")), weights_only=True)
        for name in ("plain", "average")
    )
    assert list(plain) == list(average)
    assert not torch.equal(plain["head.weight"], average["head.weight"])
    assert len({record["metrics"]["test_loss"] for record in records(tmp_path)}) == 2


def test_a_batch_in_parts_comes_to_the_same(train, tmp_path):
    assert train("epochs=2", "name=whole", "precision=fp32").code == 0
    assert train("epochs=2", "name=parts", "precision=fp32", "accumulate=4").code == 0
    whole, parts = records(tmp_path)
    assert (whole["accumulate"], parts["accumulate"]) == (1, 4)
    assert parts["metrics"]["test_loss"] == pytest.approx(whole["metrics"]["test_loss"], abs=1e-4)


@pytest.mark.parametrize("model", ["vit", pytest.param("timm_vit_tiny", marks=pytest.mark.slow)])
def test_activations_that_are_computed_again_change_nothing(train, tmp_path, model):
    words = (f"model={model}", "patch=14", "precision=fp32", "data.train=128", "data.val=16", "data.test=16")
    recipe = ("data=synthetic", "epochs=1", "batch=64", "tracker=none", "hydra/launcher=basic")
    sizes = ("model.dim=8", "model.depth=2", "model.heads=2", "model.drop_path=0.2") if model == "vit" else ()
    assert train(*words, *sizes, "name=kept", recipe=recipe).code == 0
    assert train(*words, *sizes, "name=again", "model.recompute=true", recipe=recipe).code == 0
    kept, again = records(tmp_path)
    assert again["metrics"]["test_loss"] == pytest.approx(kept["metrics"]["test_loss"], abs=1e-4)
    assert again["cost"]["train_flops"] > kept["cost"]["train_flops"]


def test_merged_tokens_cannot_be_computed_again(train):
    said = train("model.recompute=true", "tokens=merge")
    assert said.code == 2
    assert "model.recompute=true: tokens=merge changes with each look; tokens=all or drop do" in said.err
