"""The hooks of our ViT: where a further axis acts without a change to the model."""

from functools import partial

import pytest
import torch
from small_vit import small_vit
from torch import Tensor, nn

from ablate.cost import flops
from ablate.train import count


class Scale(nn.Module):
    """What is told to it, and one weight for each column."""

    def __init__(self, *, start: float, dim: int, **told: object) -> None:
        super().__init__()
        self.told = told
        self.gamma = nn.Parameter(torch.full((dim,), start))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Map(nn.Linear):
    def __init__(self, *, dim: int, **told: object) -> None:
        super().__init__(dim, dim)


def test_without_parts_a_hook_is_the_identity_and_has_no_weights():
    net, x = small_vit(), torch.randn(2, 17, 16)
    for hook in (net.sequence, net.blocks[0].branch1, net.blocks[1].branch2):
        assert hook(x) is x
        assert not list(hook.parameters())


def test_a_branch_is_changed_before_it_is_added():
    """With both branches times zero a block does nothing."""
    block, x = small_vit(branches={"scale": partial(Scale, start=0.0)}).blocks[0], torch.randn(2, 16, 16)
    nn.init.zeros_(block.branch1.scale.gamma)
    nn.init.zeros_(block.branch2.scale.gamma)
    layout = type("Whole", (), {"thin": lambda self, x: x, "bias": lambda self: None})()
    layout.rotate = lambda q, k: (q, k)
    assert torch.equal(block(x, layout), x)
    nn.init.ones_(block.branch2.scale.gamma)
    torch.testing.assert_close(block(x, layout), x + block.mlp(block.norm2(x)))


def test_parts_are_told_where_they_are_and_named_by_their_axis():
    net = small_vit(branches={"scale": partial(Scale, start=1.0)}, sequence={"first": partial(Scale, start=1.0)})
    names = [name for name, _ in net.named_parameters() if "gamma" in name]
    assert names[0] == "sequence.first.gamma"
    assert names[1:] == [f"blocks.{i}.branch{n}.scale.gamma" for i in (0, 1) for n in (1, 2)]
    assert net.sequence.first.told == {"prefix": 0, "grid": (4, 4)}
    assert [b.branch2.scale.told["index"] for b in net.blocks] == [0, 1]


def test_parts_act_in_the_order_of_the_config():
    net = small_vit(sequence={"a": partial(Scale, start=1.0), "b": Map})
    assert [name for name, _ in net.sequence.named_children()] == ["a", "b"]


@pytest.mark.parametrize("hook", ["branches", "sequence"])
def test_what_a_part_in_a_hook_costs_stands_under_the_name_of_its_axis(hook):
    build = partial(small_vit, **{hook: {"mixer": Map}})
    forward, training = flops.by_part(build, (1, 8, 8))
    counted = count.count(build, (1, 8, 8))
    times = 4 if hook == "branches" else 1
    assert forward["mixer"] == times * 2 * 16 * 16 * 16
    assert (sum(forward.values()), sum(training.values())) == (
        counted.flops_per_image,
        counted.train_flops_per_image,
    )
    nothing = flops.by_part(partial(small_vit, **{hook: {"idle": lambda **told: nn.Identity()}}), (1, 8, 8))
    assert nothing == flops.by_part(small_vit, (1, 8, 8))
