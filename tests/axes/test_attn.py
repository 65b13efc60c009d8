"""What makes each token mixer that mixer."""

import pytest
import torch
from small_vit import randomised
from torch import nn

from ablate.axes import Layout
from ablate.axes.attn import Full, attend
from ablate.axes.pos import NoPos

GRID = {"prefix": 1, "grid": (3, 3)}


def layout():
    return Layout(NoPos(dim=8, **GRID), prefix=1)


@pytest.mark.parametrize("heads", [1, 2, 8])
def test_full_equals_torchs_multihead_attention(heads):
    ours = randomised(Full(dim=8, index=0, heads=heads, **GRID)).double()
    theirs = nn.MultiheadAttention(8, heads, batch_first=True).double()
    names = {"in_proj_weight": "qkv.weight", "in_proj_bias": "qkv.bias"}
    names |= {"out_proj.weight": "out.weight", "out_proj.bias": "out.bias"}
    theirs.load_state_dict({their: ours.state_dict()[our] for their, our in names.items()})
    x = torch.randn(2, 10, 8, dtype=torch.float64)
    torch.testing.assert_close(ours(x, layout()), theirs(x, x, x)[0], atol=1e-10, rtol=0)
    torch.testing.assert_close(
        ours.float()(x.float(), layout()), theirs.float()(*[x.float()] * 3)[0], atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("bias", [None, torch.randn(3, 4, 5)])
def test_attend_on_the_cpu_is_the_fused_kernel(bias):
    q, k, v = torch.randn(2, 3, 4, 8), torch.randn(2, 3, 5, 8), torch.randn(2, 3, 5, 8)
    fused = nn.functional.scaled_dot_product_attention(q, k, v, bias)
    torch.testing.assert_close(attend(q, k, v, bias), fused, atol=1e-5, rtol=0)


def test_heads_that_do_not_divide_the_width_are_told_which_do():
    message = r"^model.heads=5 does not divide model.dim=12; 1, 2, 3, 4, 6, 12 do$"
    with pytest.raises(ValueError, match=message):
        Full(dim=12, index=0, heads=5, **GRID)
