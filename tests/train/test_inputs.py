"""Mean and sd of what a model sees: of each channel where the data set has them, of all alike where not."""

from types import SimpleNamespace

import pytest
import torch

from ablate.axes.aug import Nothing
from ablate.axes.color import Gray, Rgb
from ablate.train.inputs import Inputs, statistics


def seen(data, color, x):
    mean, std = statistics(data, color)
    return Inputs(
        image=data.image, mean=mean, std=std, color=color, channels=color.channels, size=None, fit="pad",
        augment=Nothing(),
    )(x)  # fmt: skip


@pytest.fixture
def photographs():
    """RGB images whose channels have means and sds of their own, (400, 3, 8, 8) uint8."""
    made = torch.Generator().manual_seed(0)
    light = torch.randn(400, 1, 8, 8, generator=made)  # what the channels share
    own = torch.randn(400, 3, 8, 8, generator=made)
    scale, mean = torch.tensor([40.0, 30, 20]), torch.tensor([90.0, 120, 150])
    x = mean.view(3, 1, 1) + scale.view(3, 1, 1) * (0.98 * light + 0.2 * own)
    return x.round().clamp(0, 255).byte()


def facts(x, **more):
    std, mean = torch.std_mean(x.double() / 255, (0, 2, 3))
    return SimpleNamespace(image=tuple(x.shape[1:]), mean=tuple(mean.tolist()), std=tuple(std.tolist()), **more)


def test_each_channel_of_rgb_images_is_normalised_by_its_own(photographs):
    std, mean = torch.std_mean(seen(facts(photographs), Rgb(), photographs), (0, 2, 3))
    assert mean.tolist() == pytest.approx([0, 0, 0], abs=1e-3)
    assert std.tolist() == pytest.approx([1, 1, 1], abs=1e-3)


def test_gray_of_rgb_images_is_normalised_too(photographs):
    std, mean = torch.std_mean(seen(facts(photographs), Gray(), photographs))
    assert mean.item() == pytest.approx(0, abs=1e-3)
    assert std.item() == pytest.approx(1, abs=0.05), "channels that nearly rise and fall together"


def test_what_the_data_set_knows_of_its_gray_is_taken(photographs):
    gray = Gray()(photographs.float() / 255)
    data = facts(photographs, gray=(gray.mean().item(), gray.std().item()))
    std, mean = torch.std_mean(seen(data, Gray(), photographs))
    assert (mean.item(), std.item()) == pytest.approx((0, 1), abs=1e-3)
    assert statistics(data, Rgb()) != (data.gray, data.gray)


@pytest.mark.parametrize("color", [Gray(), Rgb()])
def test_gray_images_are_seen_as_before_to_the_bit(color):
    x = torch.randint(256, (5, 1, 4, 4), dtype=torch.uint8)
    data = SimpleNamespace(image=(1, 4, 4), mean=0.1307, std=0.3081)
    assert seen(data, color, x).equal((color(x.float() / 255) - 0.1307) / 0.3081)
