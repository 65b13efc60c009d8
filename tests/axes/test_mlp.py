"""What makes each MLP that MLP."""

import math

import pytest
import torch
from small_vit import randomised

from ablate.axes.mlp import Gelu, Swiglu


def test_gelu_is_the_formula_with_erf():
    mlp, x = randomised(Gelu(dim=4, ratio=2.5)), torch.randn(2, 3, 4)
    assert mlp.up.out_features == 10
    inside = x @ mlp.up.weight.T + mlp.up.bias
    inside = inside * 0.5 * (1 + torch.erf(inside / math.sqrt(2)))
    torch.testing.assert_close(mlp(x), inside @ mlp.down.weight.T + mlp.down.bias, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_swiglu_is_the_formula(dtype, tolerance):
    mlp, x = randomised(Swiglu(dim=4, ratio=4.0)).to(dtype), torch.randn(2, 3, 4, dtype=dtype)
    (gate, up), (gate_bias, up_bias) = mlp.gate_up.weight.chunk(2), mlp.gate_up.bias.chunk(2)
    gated = x @ gate.T + gate_bias
    inside = gated / (1 + torch.exp(-gated)) * (x @ up.T + up_bias)
    torch.testing.assert_close(mlp(x), inside @ mlp.down.weight.T + mlp.down.bias, atol=tolerance, rtol=0)


@pytest.mark.parametrize("dim", [8, 48, 64, 192])
@pytest.mark.parametrize("ratio", [2.0, 4.0])
def test_swiglu_has_the_parameters_of_gelu_but_for_the_rounding(dim, ratio):
    gelu, swiglu = (sum(p.numel() for p in mlp(dim=dim, ratio=ratio).parameters()) for mlp in (Gelu, Swiglu))
    assert abs(gelu - swiglu) <= (3 * dim + 2) / 2
