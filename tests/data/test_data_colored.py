"""Digits in colours: how many have the colour of their class, and that gray sees none of it."""

import subprocess
import sys

import pytest
import torch

from ablate.axes.color import Gray
from ablate.data.colored_mnist import COLORS, ColoredMnist, chosen, paint
from ablate.data.mnist import Mnist


def colored(share, seed=0):
    return ColoredMnist(root=None, val=5000, share=share, seed=seed)


def colors_of(part):
    """Which of the ten colours each image has, from its brightest pixel."""
    flat = part.x.flatten(2).float() / 255  # (n, 3, Y X)
    brightest = flat.sum(1).argmax(1)
    pixel = flat.gather(2, brightest.view(-1, 1, 1).expand(-1, 3, 1))[:, :, 0]
    hue = pixel / pixel.norm(dim=1, keepdim=True)
    known = torch.tensor(COLORS) / torch.tensor(COLORS).norm(dim=1, keepdim=True)
    return (hue @ known.T).argmax(1)


def test_the_facts_need_neither_files_nor_torch():
    code = """
import sys
from ablate.data.colored_mnist import ColoredMnist
c = ColoredMnist(root="nothing", val=5000, share=0.5, seed=0)
assert c.image == (3, 28, 28) and c.classes == len(c.names) == 10 and len(c.mean) == len(c.std) == 3
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan")])
def test_what_is_no_share_is_told(share):
    with pytest.raises(ValueError, match=f"^data.share={share} is no share; 0 to 1 are$"):
        colored(share)


def test_all_colors_look_alike_in_gray_and_differ_in_colour():
    luma = Gray()(torch.tensor(COLORS).view(10, 3, 1, 1)).flatten()
    assert luma.tolist() == pytest.approx([0.5] * 10, abs=1e-6)
    assert all(0 <= value <= 1 for color in COLORS for value in color)
    apart = torch.cdist(torch.tensor(COLORS), torch.tensor(COLORS)) + torch.eye(10)
    assert apart.min() > 0.15
    shades = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(10, 1, 16, 16)
    gray = Gray()(paint(shades, torch.arange(10)).float())
    assert (gray - shades / 2).abs().max() < 0.51, "more than rounding"


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 1.0])
def test_the_share_is_the_one_asked_for(share):
    y = torch.arange(20_000) % 10
    found = chosen(y, share, torch.Generator().manual_seed(0))
    right = (found == y).double().mean().item()
    assert right == pytest.approx(share + (1 - share) / 10, abs=0.01)
    others = found[found != y].bincount(minlength=10)
    expected = 2000 * (1 - share) * 0.9  # of each colour on images of another class
    assert (others - expected).abs().max() <= 4 * expected**0.5


def test_a_higher_share_only_adds_to_a_lower_one():
    y = torch.arange(1000) % 10
    low, high = (chosen(y, share, torch.Generator().manual_seed(0)) for share in (0.3, 0.6))
    assert (high == y)[low == y].all()
    assert (low == high)[(high != y)].all()


@pytest.mark.slow
@pytest.mark.mnist
def test_train_and_val_are_told_by_colour_and_test_is_not(mnist):
    data, plain = colored(0.9).load(), Mnist(root=None, val=5000).load()
    for part, was, share in (
        (data.train, plain.train, 0.91),
        (data.val, plain.val, 0.91),
        (data.test, plain.test, 0.1),
    ):
        assert part.y.equal(was.y)
        right = (colors_of(part) == part.y).double().mean().item()
        assert right == pytest.approx(share, abs=0.015)
        assert (Gray()(part.x[:500].float()) - was.x[:500] / 2).abs().max() < 0.51
    assert colored(0.9).load() is data
    again, other = colored(0.9, seed=1).load(), colored(0.9, seed=1).load()
    assert again is other
    assert not again.test.x.equal(data.test.x)


@pytest.mark.mnist
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_mean_and_spread_are_those_of_the_training_images(mnist, share):
    choice = colored(share)
    data = choice.load()
    x = torch.cat([data.train.x, data.val.x])[::3].double() / 255
    std, mean = torch.std_mean(x, (0, 2, 3))
    near = {0.0: 0.01, 1.0: 0.12}[share]  # at share 1 the thin digits have colours of their own
    assert mean.tolist() == pytest.approx(choice.mean, rel=near)
    assert std.tolist() == pytest.approx(choice.std, rel=near)
    gray = Gray()(x.float())
    assert (gray.mean().item(), gray.std().item()) == pytest.approx(choice.gray, rel=0.01)
