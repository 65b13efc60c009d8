"""What makes each pool that pool."""

from functools import partial

import pytest
import torch
from small_vit import randomised
from timm.layers import AttentionPoolLatent
from torch import nn

from ablate.axes import Layout
from ablate.axes.mlp import Gelu
from ablate.axes.norm import LayerNorm
from ablate.axes.pool import Cls, Map, Max, Mean
from ablate.axes.pos import NoPos

MAP = partial(Map, norm=partial(LayerNorm, eps=1e-6), mlp=partial(Gelu, ratio=4.0))


def layout(prefix):
    return Layout(NoPos(dim=8, prefix=prefix, grid=(2, 2)), prefix=prefix)


def test_mean_averages_the_patches_and_not_the_registers():
    x = torch.randn(3, 2 + 4, 8)
    torch.testing.assert_close(Mean(dim=8)(x, layout(2)), sum(x[:, i] for i in range(2, 6)) / 4)


def test_cls_reads_the_first_token():
    x = torch.randn(3, 1 + 2 + 4, 8)
    assert torch.equal(Cls(dim=8)(x, layout(3)), x[:, 0])


def test_cls_brings_one_token_and_the_others_none():
    assert [t.shape for t in Cls(dim=8).prefix] == [(8,)]
    assert not [*Mean(dim=8).prefix, *Max(dim=8).prefix, *MAP(dim=8, heads=2).prefix]


def test_max_takes_the_largest_of_the_patches_and_not_of_the_registers():
    x = torch.randn(3, 2 + 4, 8)
    x[:, :2] = 100.0
    slow = [[max(x[b, n, d].item() for n in range(2, 6)) for d in range(8)] for b in range(3)]
    assert torch.equal(Max(dim=8)(x, layout(2)), torch.tensor(slow))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_map_is_timms_attention_pool(dtype, tolerance):
    ours = randomised(MAP(dim=8, heads=2)).to(dtype)
    theirs = AttentionPoolLatent(8, num_heads=2, norm_layer=partial(nn.LayerNorm, eps=1e-6)).to(dtype)
    names = {"out.": "proj.", "up.": "fc1.", "down.": "fc2.", "query": "latent"}
    state = {}
    for name, weight in ours.state_dict().items():
        for our_word, timms_word in names.items():
            name = name.replace(our_word, timms_word)
        state[name] = weight.reshape(theirs.state_dict()[name].shape)
    theirs.load_state_dict(state)
    x = torch.randn(3, 2 + 4, 8, dtype=dtype)
    torch.testing.assert_close(ours(x, layout(2)), theirs(x[:, 2:]), atol=tolerance, rtol=0)


def test_map_refuses_heads_that_do_not_divide_the_width():
    with pytest.raises(ValueError, match=r"^model.heads=3 does not divide model.dim=8; 1, 2, 4, 8 do$"):
        MAP(dim=8, heads=3)


@pytest.mark.parametrize("pool", [Mean(dim=8), randomised(MAP(dim=8, heads=2))])
def test_a_merged_token_counts_as_its_patches(pool):
    x = torch.randn(2, 3, 8)
    merged = layout(1)
    merged.size = torch.tensor([[1.0, 3.0, 1.0]] * 2)
    apart = torch.stack([x[:, 0], *[x[:, 1]] * 3, x[:, 2]], 1)
    torch.testing.assert_close(pool(x, merged), pool(apart, layout(1)), atol=1e-5, rtol=0)
