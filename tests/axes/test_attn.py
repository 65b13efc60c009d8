"""What makes each token mixer that mixer."""

from functools import partial

import pytest
import torch
from small_vit import randomised
from torch import nn

from ablate.axes import Layout, attn
from ablate.axes.attn import LONG, Axial, Full, Linear, Window, attend
from ablate.axes.pos import NoPos, Relative, Rope

PRECISIONS = [(torch.float32, 1e-5), (torch.float64, 1e-10)]
GRID = (5, 7)
POS = {"none": NoPos, "rope": partial(Rope, heads=2, base=100.0), "relative": partial(Relative, heads=2, std=1.0)}


def layout(*, prefix, grid=GRID, pos=NoPos):
    return Layout(randomised(pos(dim=8, prefix=prefix, grid=grid)), prefix=prefix)


def thinned(whole, place):
    left = Layout(whole.pos, prefix=whole.prefix)
    left.place = place
    return left


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("heads", [1, 2, 8])
def test_full_equals_torchs_multihead_attention(heads, dtype, tolerance):
    ours = randomised(Full(dim=8, prefix=1, grid=GRID, index=0, heads=heads)).to(dtype)
    theirs = nn.MultiheadAttention(8, heads, batch_first=True).to(dtype)
    names = {"in_proj_weight": "qkv.weight", "in_proj_bias": "qkv.bias"}
    names |= {"out_proj.weight": "out.weight", "out_proj.bias": "out.bias"}
    theirs.load_state_dict({their: ours.state_dict()[our] for their, our in names.items()})
    x = torch.randn(2, 36, 8, dtype=dtype)
    torch.testing.assert_close(ours(x, layout(prefix=1)), theirs(x, x, x)[0], atol=tolerance, rtol=0)


def by_definition(q, k, v, bias):
    """Query by query, in fp64."""
    scores = torch.einsum("bhnk,bhmk->bhnm", q.double(), k.double()) / q.shape[-1] ** 0.5
    weights = (scores if bias is None else scores + bias.double()).exp()
    return torch.einsum("bhnm,bhmk->bhnk", weights / weights.sum(-1, keepdim=True), v.double())


@pytest.mark.parametrize("keys", [5, LONG - 1, LONG, 200])
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize(("dtype", "tolerance"), [*PRECISIONS, (torch.bfloat16, 2e-2)])
def test_attend_is_softmax_attention_for_few_keys_and_many(keys, has_bias, dtype, tolerance):
    q, k, v = (torch.randn(2, 3, n, 8, dtype=dtype, requires_grad=True) for n in (4, keys, keys))
    bias = torch.randn(3, 4, keys, dtype=dtype) if has_bias else None
    found, want = attend(q, k, v, bias), by_definition(q, k, v, bias)
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), want, atol=tolerance, rtol=0)
    for mine, theirs in zip(*(torch.autograd.grad(x.sum(), (q, k, v)) for x in (found, want)), strict=True):
        torch.testing.assert_close(mine, theirs, atol=tolerance, rtol=tolerance)


def test_autocast_leaves_attention_over_many_keys_in_fp32(monkeypatch):
    """The fused kernel of a CPU takes twice as long in bf16."""
    seen = []
    fused = nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(
        attn.F, "scaled_dot_product_attention", lambda q, *rest: seen.append(q.dtype) or fused(q, *rest)
    )
    x = torch.randn(1, 2, LONG, 8, dtype=torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        assert attend(x, x, x, None).dtype == torch.bfloat16
    assert seen == [torch.float32]


@pytest.mark.parametrize("heads", [5, 0, -1])
@pytest.mark.parametrize("part", [partial(Full, index=0), partial(Rope, base=100.0)])
def test_heads_that_do_not_divide_the_width_are_told_which_do(part, heads):
    message = f"^model.heads={heads} does not divide model.dim=12; 1, 2, 3, 4, 6, 12 do$"
    with pytest.raises(ValueError, match=message):
        part(dim=12, prefix=0, grid=GRID, heads=heads)


def in_one_window(a, b, *, size, start):
    """Whether two patches lie in one square of the tiling that has a corner at `start`, row and column alike."""
    return all((i - start) // size == (j - start) // size for i, j in zip(a, b, strict=True))


def meeting(prefix, together):
    """(P + N, P + N): by the definition, pair by pair."""
    patches = [(y, x) for y in range(GRID[0]) for x in range(GRID[1])]
    return torch.tensor(
        [
            [
                i < prefix or j < prefix or together(patches[i - prefix], patches[j - prefix])
                for j in range(prefix + 35)
            ]
            for i in range(prefix + 35)
        ]
    )


LOCAL = {
    "window": (partial(Window, index=0, size=3, shift=True), partial(in_one_window, size=3, start=0)),
    "window, shifted": (partial(Window, index=1, size=4, shift=True), partial(in_one_window, size=4, start=2)),
    "window, odd and shifted": (
        partial(Window, index=1, size=3, shift=True),
        partial(in_one_window, size=3, start=1),
    ),
    "window, never shifted": (
        partial(Window, index=1, size=4, shift=False),
        partial(in_one_window, size=4, start=0),
    ),
    "window of all": (partial(Window, index=0, size=99, shift=True), lambda a, b: True),
    "window of one": (partial(Window, index=0, size=1, shift=True), lambda a, b: a == b),
    "axial, rows": (partial(Axial, index=0), lambda a, b: a[0] == b[0]),
    "axial, columns": (partial(Axial, index=3), lambda a, b: a[1] == b[1]),
}


def masked(attn, x, layout, meets):
    """Full attention over the pairs that meet, written out."""
    q, k, v = attn.qkv(x).unflatten(-1, (3, attn.heads, -1)).permute(2, 0, 3, 1, 4)
    q, k = layout.rotate(q, k)
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    bias = layout.bias()
    scores = (scores if bias is None else scores + bias).masked_fill(~meets, -torch.inf)
    return attn.out((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("pos", POS)
@pytest.mark.parametrize("prefix", [0, 1, 3])
@pytest.mark.parametrize("name", LOCAL)
def test_local_attention_is_full_attention_with_a_mask(name, prefix, pos, dtype, tolerance):
    build, together = LOCAL[name]
    attn = randomised(build(dim=8, prefix=prefix, grid=GRID, heads=2)).to(dtype)
    whole = layout(prefix=prefix, pos=POS[pos])
    whole.pos.to(dtype)
    x = torch.randn(2, prefix + 35, 8, dtype=dtype)
    meets = meeting(prefix, together)
    torch.testing.assert_close(attn(x, whole), masked(attn, x, whole, meets), atol=tolerance, rtol=0)


@pytest.mark.parametrize("pos", POS)
@pytest.mark.parametrize("name", ["window, shifted", "axial, rows"])
def test_local_attention_among_the_tokens_that_are_left(name, pos):
    build, together = LOCAL[name]
    attn = randomised(build(dim=8, prefix=2, grid=GRID, heads=2))
    place = torch.stack([torch.cat([torch.arange(2), torch.randperm(35)[:9].sort().values + 2]) for _ in range(3)])
    left = thinned(layout(prefix=2, pos=POS[pos]), place)
    meets = torch.stack([meeting(2, together)[at][:, at] for at in place])[:, None]
    x = torch.randn(3, 11, 8)
    torch.testing.assert_close(attn(x, left), masked(attn, x, left, meets), atol=1e-5, rtol=0)


def test_a_window_needs_a_size():
    with pytest.raises(ValueError, match=r"^attn.size=0 is too small for a window; 1 or more works$"):
        Window(dim=8, prefix=0, grid=GRID, index=0, heads=2, size=0, shift=True)


def test_no_table_of_local_attention_is_saved():
    attn = Window(dim=8, prefix=0, grid=GRID, index=0, heads=2, size=3, shift=True)
    assert set(attn.state_dict()) == {"qkv.weight", "qkv.bias", "out.weight", "out.bias"}


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("pos", ["none", "rope"])
def test_linear_is_a_weighted_mean_with_positive_weights(pos, dtype, tolerance):
    attn = randomised(Linear(dim=8, prefix=1, grid=(2, 2), index=0, heads=2)).to(dtype)
    whole = layout(prefix=1, grid=(2, 2), pos=POS[pos])
    whole.pos.to(dtype)
    x = torch.randn(2, 5, 8, dtype=dtype)
    q, k, v = attn.qkv(x).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
    q, k = (torch.where(t > 0, t + 1, t.exp()) for t in (q, k))
    turned_q, turned_k = whole.rotate(q, k)
    y = torch.zeros_like(q)
    for i in range(5):
        weight = sum((q[:, :, i] * k[:, :, j]).sum(-1) for j in range(5))
        for j in range(5):
            score = (turned_q[:, :, i] * turned_k[:, :, j]).sum(-1) / weight
            y[:, :, i] += score[..., None] * v[:, :, j]
    torch.testing.assert_close(attn(x, whole), attn.out(y.transpose(1, 2).flatten(2)), atol=tolerance, rtol=0)


def test_linear_has_no_scores_for_a_bias():
    attn = Linear(dim=8, prefix=1, grid=(2, 2), index=0, heads=2)
    message = r"^pos=relative adds to scores, and attn=linear has none; attn=full, window or axial do$"
    with pytest.raises(ValueError, match=message):
        attn(torch.randn(2, 5, 8), layout(prefix=1, grid=(2, 2), pos=POS["relative"]))


@pytest.mark.parametrize("attn", [Full, Linear])
def test_a_merged_token_counts_as_its_patches(attn):
    attn = randomised(attn(dim=8, prefix=0, grid=(2, 3), index=0, heads=2))
    x = torch.randn(2, 3, 8)
    merged, apart = layout(prefix=0), torch.stack([x[:, 0], *[x[:, 1]] * 4, x[:, 2]], 1)
    merged.size = torch.tensor([[1.0, 4.0, 1.0]] * 2)
    torch.testing.assert_close(attn(x, merged), attn(apart, layout(prefix=0))[:, [0, 1, 5]], atol=1e-5, rtol=0)
