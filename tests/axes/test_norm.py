"""What makes each norm that norm."""

import torch
from small_vit import randomised

from ablate.axes.norm import LayerNorm


def test_layernorm_is_the_formula():
    norm, x = randomised(LayerNorm(dim=6, eps=1e-6)), torch.randn(2, 5, 6)
    mean = x.mean(-1, keepdim=True)
    variance = (x - mean).square().mean(-1, keepdim=True)
    slow = (x - mean) / (variance + 1e-6).sqrt() * norm.weight + norm.bias
    torch.testing.assert_close(norm(x), slow, atol=1e-5, rtol=0)
