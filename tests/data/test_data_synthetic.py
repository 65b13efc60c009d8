"""Synthetic images: the same at every call, and of no use to a model that does not know where things are."""

from collections import Counter

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ablate.data.synthetic import WHITE, Synthetic


def synthetic(*, train=512, val=128, test=256, size=28, classes=4):
    return Synthetic(train=train, val=val, test=test, size=size, classes=classes)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": 30}, "data.size=30 has no quadrants for patches of 2 and 4; 8, 12, 16, ... do"),
        ({"size": 4}, "data.size=4 has no quadrants for patches of 2 and 4; 8, 12, 16, ... do"),
        ({"classes": 10}, "data.classes=10 does not fit the four quadrants; 2, 3, 4 do"),
        ({"classes": 1}, "data.classes=1 does not fit the four quadrants; 2, 3, 4 do"),
        ({"val": 0}, "data.val=0 is fewer images than classes; 4 or more will do"),
    ],
)
def test_what_cannot_be_made_is_refused(wrong, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011, the whole text is compared
        synthetic(**wrong)
    assert str(error.value) == message


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_shapes_and_balance(classes):
    choice = synthetic(size=12, classes=classes)
    data = choice.load()
    for part, n in [(data.train, 512), (data.val, 128), (data.test, 256)]:
        assert (part.x.dtype, part.x.shape) == (torch.uint8, (n, *choice.image))
        counts = part.y.bincount()
        assert len(counts) == classes
        assert counts.max() - counts.min() <= 1


def test_every_call_makes_the_same_images_and_every_part_its_own():
    torch.manual_seed(1)
    first = synthetic().load()
    torch.manual_seed(2)
    second = synthetic(train=600).load()
    assert first.val.x.equal(second.val.x)
    assert first.test.x.equal(second.test.x)
    same = synthetic(train=128, val=128, test=128).load()
    assert not same.train.x.equal(same.val.x)
    assert not same.val.x.equal(same.test.x)


@pytest.mark.parametrize("size", [8, 28])
def test_mean_and_std_are_those_of_the_pixels(size):
    choice = synthetic(train=4000, size=size)
    pixels = choice.load().train.x.double() / 255
    assert pixels.mean().item() == pytest.approx(choice.mean, rel=5e-3)
    assert pixels.std().item() == pytest.approx(choice.std, rel=5e-3)


def patches(x, side):
    """(n, 1, Y, X) -> (n, N, side * side), float."""
    return F.unfold(x.float(), side, stride=side).transpose(1, 2)


def law_of_the_bag(x, side):
    """How often each bag of patches comes over the places of the square, and how many places there are."""
    squares = (x == WHITE).unique(dim=0)
    bags = [tuple(sorted(map(tuple, bag.tolist()))) for bag in patches(squares, side)]
    return Counter(bags), len(squares)


@pytest.mark.parametrize("side", [2, 4, 7, 14])
def test_a_bag_of_patches_has_the_same_law_in_every_class(side):
    part = synthetic().load().train
    laws = [law_of_the_bag(part.x[part.y == c], side) for c in range(4)]
    assert [places for _, places in laws] == [4] * 4
    assert all(law == laws[0] for law in laws)


def test_the_places_of_the_square_are_equally_likely_and_the_noise_is_alike_all_over():
    part = synthetic(train=4000).load().train
    noise = part.x.double()
    noise[part.x == WHITE] = torch.nan
    assert noise.nanmean(0).sub(31.5).abs().max() < 2  # 6 standard errors
    for c in range(4):
        count = (part.x[part.y == c] == WHITE).unique(dim=0, return_counts=True)[1]
        assert ((count - 250) ** 2 / 250).sum() < 21  # chi-squared with 3 degrees of freedom: p > 1e-4


class Bag(nn.Module):
    """The smallest patch model: tokens, a table of positions or none, an MLP on each, their mean."""

    def __init__(self, side: int, position: bool) -> None:
        super().__init__()
        self.embed = nn.Linear(side * side, 32)
        self.table = nn.Parameter(0.5 * position * torch.randn((28 // side) ** 2, 32), requires_grad=position)
        self.mlp = nn.Sequential(nn.GELU(), nn.Linear(32, 32), nn.GELU())
        self.head = nn.Linear(32, 4)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.mlp(self.embed(tokens) + self.table).mean(1))


@pytest.fixture
def one_thread():
    """Such small tensors only lose by more, the more the busier the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("side", [4, 14])
@pytest.mark.parametrize("position", [True, False])
def test_a_model_solves_it_within_20_steps_if_it_has_a_position(side, position, one_thread):
    choice = synthetic(train=256)
    data = choice.load()
    train, test = (
        patches((part.x.float() / 255 - choice.mean) / choice.std, side) for part in (data.train, data.test)
    )
    torch.manual_seed(0)
    model = Bag(side, position)
    optim = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(20):
        optim.zero_grad()
        F.cross_entropy(model(train), data.train.y).backward()
        optim.step()
    accuracy = (model(test).argmax(1) == data.test.y).float().mean()
    assert accuracy > 0.95 if position else accuracy < 0.35, f"{accuracy:.2f}; chance is 0.25"
