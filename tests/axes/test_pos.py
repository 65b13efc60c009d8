"""What makes each position choice that choice."""

import math
from functools import partial

import pytest
import torch
from small_vit import small_vit

from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos, Sinusoidal

SINUSOIDAL = partial(Sinusoidal, base=10000.0)
LEARNED = partial(Learned, std=0.02)


def shuffled(image, side):
    """The image with its patches of `side` pixels in another order."""
    y, x = image.shape[2:]
    order = torch.randperm((y // side) * (x // side), generator=torch.Generator().manual_seed(0))
    columns = torch.nn.functional.unfold(image, side, stride=side)[..., order]
    return torch.nn.functional.fold(columns, (y, x), side, stride=side)


@pytest.mark.parametrize("pool", [Mean, Cls])
@pytest.mark.parametrize(("pos", "sees_order"), [(NoPos, False), (LEARNED, True), (SINUSOIDAL, True)])
def test_logits_depend_on_the_order_of_patches_only_with_a_position(pos, sees_order, pool):
    net, image = small_vit(pos=pos, pool=pool), torch.randn(2, 1, 8, 8)
    assert torch.allclose(net(image), net(shuffled(image, 2)), atol=1e-5) != sees_order


@pytest.mark.parametrize("prefix", [0, 1, 3])
def test_sinusoidal_is_the_table_of_the_paper(prefix):
    dim, grid = 10, (3, 4)
    table = Sinusoidal(dim=dim, prefix=prefix, grid=grid, base=10000.0).table
    slow = torch.empty(prefix + 12, dim)
    for index in range(prefix + 12):
        for i in range(dim // 2):
            slow[index, 2 * i] = math.sin(index / 10000 ** (2 * i / dim))
            slow[index, 2 * i + 1] = math.cos(index / 10000 ** (2 * i / dim))
    torch.testing.assert_close(table, slow, atol=1e-6, rtol=0)


def test_sinusoidal_is_fixed_and_not_saved():
    net = small_vit(pos=SINUSOIDAL)
    assert not [name for name in (*dict(net.named_parameters()), *net.state_dict()) if name.startswith("pos")]


def test_sinusoidal_refuses_an_odd_width():
    with pytest.raises(ValueError, match=r"^pos=sinusoidal needs an even model.dim, not 7; 6 or 8 do$"):
        Sinusoidal(dim=7, prefix=0, grid=(2, 2), base=10000.0)


@pytest.mark.parametrize(("pool", "rows"), [(Mean, 16), (Cls, 17)])
def test_learned_has_a_position_for_cls_where_there_is_one(pool, rows):
    assert small_vit(pos=LEARNED, pool=pool).pos.table.shape == (rows, 16)


def test_learned_starts_at_its_standard_deviation():
    torch.manual_seed(0)
    table = Learned(dim=64, prefix=1, grid=(7, 7), std=0.02).table
    assert table.std().item() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("pos", [NoPos, LEARNED, SINUSOIDAL])
def test_the_other_two_hooks_do_nothing(pos):
    part = pos(dim=8, prefix=0, grid=(2, 2))
    q, k = torch.randn(2, 1, 2, 4, 4)
    assert part.bias(None) is None
    assert all(a is b for a, b in zip(part.rotate(q, k, None), (q, k), strict=True))
