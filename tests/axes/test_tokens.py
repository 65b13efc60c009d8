"""What makes each choice of tokens that choice."""

from functools import partial

import pytest
import torch
from small_vit import small_vit

from ablate.axes import Layout
from ablate.axes.attn import Full, Linear, Window
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos
from ablate.axes.tokens import All, Drop, Merge

SHAPE = {"depth": 2, "prefix": 2, "grid": (4, 4)}


def begun(tokens, x):
    return tokens(x, Layout(NoPos(dim=8, prefix=2, grid=(4, 4)), prefix=2))


def seen_by_blocks(net):
    """Number of tokens that go into each block."""
    seen = []
    for block in net.blocks:
        block.register_forward_pre_hook(lambda block, inputs: seen.append(inputs[0].shape[1]))
    net(torch.randn(2, 1, 8, 8))
    return seen


def test_all_takes_nothing_away():
    x = torch.randn(3, 18, 8)
    y, layout = begun(All(**SHAPE), x)
    assert y is x
    assert layout.place is None
    assert layout.size is None
    assert layout.thin(x) is x


@pytest.mark.parametrize(("rate", "patches"), [(0.0, 16), (0.5, 8), (0.75, 4), (0.99, 1)])
def test_drop_keeps_a_random_share_of_the_patches_and_every_other_token(rate, patches):
    torch.manual_seed(0)
    x = torch.randn(50, 18, 8)
    y, layout = begun(Drop(rate=rate, **SHAPE), x)
    assert y.shape == (50, 2 + patches, 8)
    assert layout.place[:, :2].tolist() == [[0, 1]] * 50
    for kept, place, whole in zip(y, layout.place, x, strict=True):
        assert torch.equal(kept, whole[place])
        assert len(place.unique()) == len(place)
    counts = layout.place[:, 2:].flatten().bincount(minlength=18)[2:]
    assert (counts > 0).all() == (rate < 0.9)  # none of the 16 is favoured


def test_drop_is_for_training_only():
    x = torch.randn(3, 18, 8)
    y, layout = begun(Drop(rate=0.5, **SHAPE).eval(), x)
    assert y is x
    assert layout.place is None


def test_drop_leaves_the_blocks_fewer_tokens():
    net = small_vit(tokens=partial(Drop, rate=0.5), pool=Cls)
    assert seen_by_blocks(net) == [9, 9]
    assert seen_by_blocks(net.eval()) == [17, 17]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (partial(Drop, rate=1.0), "tokens.rate=1.0 is no share to leave out; 0 up to less than 1 do"),
        (partial(Merge, keep=0.0), "tokens.keep=0.0 is no share to keep; more than 0 up to 1 do"),
    ],
)
def test_a_share_that_leaves_nothing_is_refused(tokens, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        tokens(**SHAPE)


@pytest.mark.parametrize(
    ("keep", "depth", "into"),
    [(1.0, 4, [17] * 4), (0.5, 4, [17, 15, 13, 11]), (0.9, 4, [17, 17, 16, 16]), (0.01, 4, [17, 13, 9, 5])],
)
def test_merge_shares_its_work_among_the_blocks(keep, depth, into):
    assert seen_by_blocks(small_vit(tokens=partial(Merge, keep=keep), depth=depth, pool=Cls)) == into


def slow_merge(x, keys, size, place, prefix, count):
    """Token merging of one image as the paper says it, token by token."""
    even, odd = list(range(prefix, len(x), 2)), list(range(prefix + 1, len(x), 2))
    cosine = torch.nn.functional.cosine_similarity
    best = {i: max(odd, key=lambda j: cosine(keys[i], keys[j], 0).item()) for i in even}
    gone = sorted(even, key=lambda i: -cosine(keys[i], keys[best[i]], 0).item())[:count]
    tokens = []
    for j in [*range(prefix), *[i for i in even if i not in gone], *odd]:
        group = [j, *[i for i in gone if best[i] == j]]
        mass = sum(size[i] for i in group)
        tokens.append((sum(x[i] * size[i] for i in group) / mass, mass, place[j]))
    return [torch.stack(column) for column in zip(*tokens, strict=True)]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("patches", [15, 16])
def test_merge_is_the_papers_bipartite_matching(patches, dtype, tolerance):
    x = torch.randn(3, 2 + patches, 8, dtype=dtype)
    _, layout = begun(Merge(keep=0.5, **SHAPE), x)
    for _ in range(2):  # the second time with tokens of several patches
        keys = torch.randn(3, 4, x.shape[1], 6, dtype=dtype)
        layout.rotate(keys, keys)
        slow = [slow_merge(*one, 2, 4) for one in zip(x, keys.mean(1), layout.size, layout.place, strict=True)]
        x = layout.thin(x)
        torch.testing.assert_close(x, torch.stack([tokens for tokens, _, _ in slow]), atol=tolerance, rtol=0)
        assert torch.equal(layout.size, torch.stack([size for _, size, _ in slow]))
        assert torch.equal(layout.place, torch.stack([place for _, _, place in slow]))
    assert (layout.size.sum(1) == 2 + patches).all()


@pytest.mark.parametrize("attn", [Full, Linear])
@pytest.mark.parametrize("pool", [Mean, Cls])
def test_merging_equal_patches_changes_nothing(pool, attn):
    image = torch.ones(2, 1, 8, 8)
    nets = [small_vit(tokens=t, pool=pool, attn=partial(attn, heads=4)) for t in (All, partial(Merge, keep=0.5))]
    torch.testing.assert_close(nets[0](image), nets[1](image), atol=1e-5, rtol=0)


def test_merge_needs_keys():
    x = torch.randn(3, 18, 8)
    _, layout = begun(Merge(keep=0.5, **SHAPE), x)
    message = r"^tokens=merge compares the keys of attention; this attn never calls layout.rotate$"
    with pytest.raises(ValueError, match=message):
        layout.thin(x)


@pytest.mark.parametrize("tokens", [partial(Drop, rate=0.4), partial(Merge, keep=0.5)])
def test_registers_are_never_taken(tokens):
    attn = partial(Window, heads=4, size=2, shift=True)
    net = small_vit(tokens=tokens, registers=3, pool=Cls, attn=attn, pos=partial(Learned, std=0.02))
    net(torch.randn(2, 1, 8, 8)).sum().backward()
    assert all(p.grad.any() for p in (*net.registers, net.pool.token))
