"""What makes each pool that pool."""

import torch

from ablate.axes import Layout
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import NoPos


def layout(prefix):
    return Layout(NoPos(dim=8, prefix=prefix, grid=(2, 2)), prefix=prefix)


def test_mean_averages_the_patches_and_not_the_registers():
    x = torch.randn(3, 2 + 4, 8)
    torch.testing.assert_close(Mean(dim=8)(x, layout(2)), sum(x[:, i] for i in range(2, 6)) / 4)


def test_cls_reads_the_first_token():
    x = torch.randn(3, 1 + 2 + 4, 8)
    assert torch.equal(Cls(dim=8)(x, layout(3)), x[:, 0])


def test_cls_brings_one_token_and_mean_none():
    assert [t.shape for t in Cls(dim=8).prefix] == [(8,)]
    assert not Mean(dim=8).prefix
