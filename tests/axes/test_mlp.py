"""What makes each MLP that MLP."""

import math

import torch
from small_vit import randomised

from ablate.axes.mlp import Gelu


def test_gelu_is_the_formula_with_erf():
    mlp, x = randomised(Gelu(dim=4, ratio=2.5)), torch.randn(2, 3, 4)
    assert mlp.up.out_features == 10
    inside = x @ mlp.up.weight.T + mlp.up.bias
    inside = inside * 0.5 * (1 + torch.erf(inside / math.sqrt(2)))
    torch.testing.assert_close(mlp(x), inside @ mlp.down.weight.T + mlp.down.bias, atol=1e-5, rtol=0)
