"""A last batch of one image is refused where the model cannot train with it, before anything trains."""

import pytest
from tiny import HERE, TINY

from ablate.train.leftover import fewest

RESNET = ("model=timm_resnet18", "data.train=65")
RECIPE = ("data=synthetic", "epochs=2", "batch=64", "tracker=none", HERE)


@pytest.mark.parametrize(
    ("images", "batch", "parts", "least"),
    [(128, 64, 1, 64), (129, 64, 1, 1), (64, 128, 1, 64), (100, 64, 4, 9), (69, 64, 4, 1), (1, 64, 1, 1)],
)
def test_the_smallest_batch_is_that_which_training_makes(images, batch, parts, least):
    import torch

    of = [len(part) for whole in torch.zeros(images).split(batch) for part in whole.chunk(parts)]
    assert min(of) == fewest(images, batch, parts) == least


def test_a_model_that_needs_two_is_refused_in_a_line(train, tmp_path):
    said = train("-m", "aug=none,shift", *RESNET, recipe=RECIPE)
    assert said.code == 2
    assert said.err.splitlines() == [
        "ablate: batch=64: 65 training images leave a last batch of 1, and this model needs 2; batch=63 does"
    ]
    assert not list(tmp_path.glob("runs/*/*/record.json"))


def test_another_batch_is_named_that_does(train):
    said = train("batch=1", *RESNET, recipe=RECIPE)
    assert "batch=1: 65 training images leave a last batch of 1, and this model needs 2; batch=3 does" in said.err


def test_a_model_that_needs_one_trains(train):
    assert train("data.train=65", recipe=(*TINY, *RECIPE[2:])).code == 0


@pytest.mark.slow
def test_the_batch_that_is_named_does(train):
    assert train(*RESNET, "batch=63", recipe=RECIPE).code == 0
