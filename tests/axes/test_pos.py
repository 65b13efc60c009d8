"""What makes each position choice that choice."""

import cmath
import math
from functools import partial

import pytest
import torch
from small_vit import randomised, small_vit
from timm.layers import RelPosBias

from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos, Relative, Rope, Sinusoidal, Sinusoidal2d

SINUSOIDAL = partial(Sinusoidal, base=10000.0)
SINUSOIDAL2D = partial(Sinusoidal2d, base=10000.0)
LEARNED = partial(Learned, std=0.02)
ROPE = partial(Rope, heads=4, base=100.0)
RELATIVE = partial(Relative, heads=4, std=0.02)
SEEING = {
    "learned": LEARNED,
    "sinusoidal": SINUSOIDAL,
    "sinusoidal2d": SINUSOIDAL2D,
    "rope": ROPE,
    "relative": RELATIVE,
}


@pytest.fixture
def fp64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def shuffled(image, side):
    """The image with its patches of `side` pixels in another order."""
    y, x = image.shape[2:]
    order = torch.randperm((y // side) * (x // side), generator=torch.Generator().manual_seed(0))
    columns = torch.nn.functional.unfold(image, side, stride=side)[..., order]
    return torch.nn.functional.fold(columns, (y, x), side, stride=side)


@pytest.mark.parametrize("pool", [Mean, Cls])
def test_without_a_position_the_order_of_patches_does_not_matter(pool):
    net, image = small_vit(pos=NoPos, pool=pool), torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(net(image), net(shuffled(image, 2)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("pool", [Mean, Cls])
@pytest.mark.parametrize("pos", SEEING.values(), ids=SEEING.keys())
def test_with_a_position_the_order_of_patches_matters(pos, pool):
    net, image = small_vit(pos=pos, pool=pool), torch.randn(2, 1, 8, 8)
    assert not torch.allclose(net(image), net(shuffled(image, 2)), atol=1e-3)


@pytest.mark.parametrize("prefix", [0, 1, 3])
def test_sinusoidal_is_the_table_of_the_paper(prefix, fp64):
    dim, grid = 10, (3, 4)
    table = Sinusoidal(dim=dim, prefix=prefix, grid=grid, base=10000.0).table
    slow = torch.empty(prefix + 12, dim)
    for index in range(prefix + 12):
        for i in range(dim // 2):
            slow[index, 2 * i] = math.sin(index / 10000 ** (2 * i / dim))
            slow[index, 2 * i + 1] = math.cos(index / 10000 ** (2 * i / dim))
    torch.testing.assert_close(table, slow, atol=1e-10, rtol=0)


@pytest.mark.parametrize("prefix", [0, 2])
def test_sinusoidal2d_is_the_table_of_mae(prefix, fp64):
    table = Sinusoidal2d(dim=12, prefix=prefix, grid=(2, 3), base=10000.0).table
    slow = torch.zeros(prefix + 6, 12)
    for y in range(2):
        for x in range(3):
            for i in range(3):
                wave = 1 / 10000 ** (i / 3)
                four = [math.sin(y * wave), math.cos(y * wave), math.sin(x * wave), math.cos(x * wave)]
                for part, value in enumerate(four):
                    slow[prefix + y * 3 + x, part * 3 + i] = value
    torch.testing.assert_close(table, slow, atol=1e-10, rtol=0)


@pytest.mark.parametrize("pos", [SINUSOIDAL, SINUSOIDAL2D, ROPE])
def test_what_follows_from_the_shape_is_fixed_and_not_saved(pos):
    net = small_vit(pos=pos)
    assert not [name for name in (*dict(net.named_parameters()), *net.state_dict()) if name.startswith("pos")]


@pytest.mark.parametrize(
    ("pos", "dim", "message"),
    [
        (SINUSOIDAL, 7, "pos=sinusoidal needs an even model.dim, not 7; 6 or 8 do"),
        (SINUSOIDAL2D, 10, "pos=sinusoidal2d needs model.dim to be a multiple of 4, not 10; 8 or 12 do"),
        (ROPE, 24, "pos=rope needs model.dim / model.heads to be a multiple of 4, not 6; 4 or 8 do"),
    ],
)
def test_a_width_that_does_not_fit_is_told_which_does(pos, dim, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        pos(dim=dim, prefix=0, grid=(2, 2))


@pytest.mark.parametrize(("pool", "rows"), [(Mean, 16), (Cls, 17)])
def test_learned_has_a_position_for_cls_where_there_is_one(pool, rows):
    assert small_vit(pos=LEARNED, pool=pool).pos.table.shape == (rows, 16)


def test_learned_starts_at_its_standard_deviation():
    torch.manual_seed(0)
    table = Learned(dim=64, prefix=1, grid=(7, 7), std=0.02).table
    assert table.std().item() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("pos", [NoPos, LEARNED, SINUSOIDAL, SINUSOIDAL2D])
def test_the_other_two_hooks_do_nothing(pos):
    part = pos(dim=8, prefix=0, grid=(2, 2))
    q, k = torch.randn(2, 1, 2, 4, 4)
    assert part.bias(None) is None
    assert all(a is b for a, b in zip(part.rotate(q, k, None), (q, k), strict=True))


def test_rope_turns_each_pair_in_the_complex_plane(fp64):
    rope = Rope(dim=16, prefix=1, grid=(2, 3), heads=2, base=100.0)
    q, k = torch.randn(2, 3, 2, 7, 8).unbind(0)
    for given, turned in zip((q, k), rope.rotate(q, k, None), strict=True):
        slow = given.clone()  # CLS stays
        for n in range(6):
            for i in range(4):
                at = (n // 3, n % 3)[i // 2]  # the first two pairs by the row, the others by the column
                wheel = cmath.exp(1j * at / 100 ** (i % 2 / 2))
                pair = torch.complex(given[..., 1 + n, i], given[..., 1 + n, i + 4]) * wheel
                slow[..., 1 + n, i], slow[..., 1 + n, i + 4] = pair.real, pair.imag
        torch.testing.assert_close(turned, slow, atol=1e-10, rtol=0)


def test_scores_with_rope_depend_on_the_offset_only(fp64):
    q, k = torch.randn(2, 8).unbind(0)  # the same query and key at every patch
    rope = Rope(dim=8, prefix=0, grid=(4, 5), heads=1, base=100.0)
    q, k = rope.rotate(q.expand(1, 1, 20, 8), k.expand(1, 1, 20, 8), None)
    scores = (q @ k.transpose(-2, -1)).reshape(4, 5, 4, 5)
    torch.testing.assert_close(scores[:-1, :-1, :-1, :-1], scores[1:, 1:, 1:, 1:], atol=1e-10, rtol=0)
    assert len(scores.flatten().mul(1e8).round().unique()) > 40  # offsets differ: 7 * 9 of them


@pytest.mark.parametrize("prefix", [0, 1])
def test_relative_is_timms_bias(prefix):
    ours = randomised(Relative(dim=8, prefix=prefix, grid=(3, 4), heads=2, std=0.02))
    theirs = RelPosBias((3, 4), 2, prefix_tokens=prefix)
    with torch.no_grad():
        theirs.relative_position_bias_table.copy_(ours.table[: len(theirs.relative_position_bias_table)])
    assert torch.equal(ours.bias(None), theirs.get_bias()[0])


def test_registers_share_the_bias_of_cls():
    bias = randomised(Relative(dim=8, prefix=2, grid=(2, 2), heads=1, std=0.02)).bias(None)[0]
    assert len(bias[:2, :2].unique()) == len(bias[:2, 2:].unique()) == len(bias[2:, :2].unique()) == 1
    assert len(bias.unique()) == 3 + 9


def test_tokens_that_are_left_keep_their_rope_and_their_bias():
    q, k = torch.randn(2, 2, 1, 5, 8).unbind(0)
    place = torch.tensor([[0, 3, 1], [0, 4, 2]])
    rope = Rope(dim=8, prefix=1, grid=(2, 2), heads=1, base=100.0)
    whole, left = rope.rotate(q, k, None)[0], rope.rotate(q[:, :, :3], k[:, :, :3], place)[0]
    of_left = torch.stack([q[b][:, place[b]] for b in range(2)])
    torch.testing.assert_close(
        rope.rotate(of_left, of_left, place)[0], torch.stack([whole[b][:, place[b]] for b in range(2)])
    )
    assert left.shape == (2, 1, 3, 8)
    relative = Relative(dim=8, prefix=1, grid=(2, 2), heads=2, std=0.02)
    whole, left = relative.bias(None), relative.bias(place)
    for b in range(2):
        assert torch.equal(left[b], whole[:, place[b]][:, :, place[b]])
