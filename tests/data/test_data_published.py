"""Data sets that are published as files: what is known before anything is read, and what the real files hold."""

import subprocess
import sys

import pytest
import torch

from ablate.data import fashion_mnist
from ablate.data.fetch import folder
from ablate.data.files import locate

REAL = {"fashion_mnist": (fashion_mnist.PUBLISHED, fashion_mnist.FashionMnist)}


def test_fashion_mnist_is_known_before_anything_is_loaded():
    code = """
import sys
from ablate.data.fashion_mnist import FashionMnist
f = FashionMnist(root="nothing", val=5000)
assert f.image == (1, 28, 28) and f.classes == len(f.names) == 10 and f.names[9] == "Ankle boot"
assert "torch" not in sys.modules and "torchvision" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", REAL)
def test_the_real_images_have_the_facts_that_the_choice_states(name):
    published, choice = REAL[name]
    if locate(folder(None, name), published.files, published.places)[1]:
        pytest.skip(f"{published.title} is not on this machine: python scripts/fetch_data.py {name}")
    made = choice(root=None, val=5000)
    data = made.load()
    whole = torch.cat([data.train.x, data.val.x]).float() / 255
    assert whole.shape[1:] == made.image
    std, mean = torch.std_mean(whole.double(), (0, 2, 3), correction=0)
    assert mean.tolist() == pytest.approx([made.mean], abs=5e-5)
    assert std.tolist() == pytest.approx([made.std], abs=5e-5)
    for part in (data.train, data.val, data.test):
        assert len(part.y.bincount()) == made.classes
    assert len(data.val) == 5000
