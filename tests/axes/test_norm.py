"""What makes each norm that norm."""

import pytest
import torch
from small_vit import randomised

from ablate.axes.norm import LayerNorm, RMSNorm


def test_layernorm_is_the_formula():
    norm, x = randomised(LayerNorm(dim=6, eps=1e-6)), torch.randn(2, 5, 6)
    mean = x.mean(-1, keepdim=True)
    variance = (x - mean).square().mean(-1, keepdim=True)
    slow = (x - mean) / (variance + 1e-6).sqrt() * norm.weight + norm.bias
    torch.testing.assert_close(norm(x), slow, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_rmsnorm_is_torchs(dtype, tolerance):
    norm, x = randomised(RMSNorm(dim=6, eps=1e-6)).to(dtype), torch.randn(2, 5, 6, dtype=dtype)
    theirs = torch.nn.functional.rms_norm(x, (6,), norm.weight, 1e-6)
    torch.testing.assert_close(norm(x), theirs, atol=tolerance, rtol=0)


@pytest.mark.parametrize("norm", [LayerNorm, RMSNorm])
def test_a_norm_starts_as_the_norm_alone(norm):
    y = norm(dim=64, eps=1e-6)(torch.randn(50, 64) * 7)
    torch.testing.assert_close(y.square().mean(-1), torch.ones(50), atol=1e-4, rtol=0)
    shifted = norm(dim=64, eps=1e-6)(torch.randn(50, 64) + 5)
    assert (shifted.mean(-1).abs() < 1e-5).all() == (norm is LayerNorm)
