"""The model as a whole: its tokens, its registers, the meta device, every weight used."""

from functools import partial

import pytest
import torch
from small_vit import small_vit

from ablate.axes import Dense
from ablate.axes.attn import Full
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos


@pytest.mark.parametrize("registers", [0, 3])
@pytest.mark.parametrize("pos", [NoPos, partial(Learned, std=0.02)])
@pytest.mark.parametrize(("pool", "own"), [(Mean, 0), (Cls, 1)])
def test_the_blocks_see_every_patch_the_registers_and_cls(pool, own, pos, registers):
    net = small_vit(pool=pool, pos=pos, registers=registers)
    seen = []
    net.blocks[0].register_forward_pre_hook(lambda block, inputs: seen.append(inputs[0].shape[1]))
    net(torch.randn(2, 1, 8, 8))
    assert seen == [net.tokens] == [16 + own + registers]


def test_cls_is_a_weight_without_positions_too():
    names = dict(small_vit(pool=Cls, pos=NoPos).named_parameters())
    assert names["pool.token"].shape == (16,)


def test_each_register_is_a_weight_that_others_keep_when_one_is_added():
    assert [n for n, _ in small_vit(registers=2).named_parameters() if "registers" in n] == [
        "registers.0",
        "registers.1",
    ]


@pytest.mark.parametrize("pool", [Mean, Cls])
def test_every_weight_gets_a_gradient(pool):
    net = small_vit(pool=pool, pos=partial(Learned, std=0.02), registers=2)
    net(torch.randn(3, 1, 8, 8)).square().sum().backward()
    assert not [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]


def test_is_built_and_run_without_memory_on_the_meta_device():
    with torch.device("meta"):
        net = small_vit(pool=Cls, registers=1)
        assert net(torch.zeros(2, 1, 8, 8)).shape == (2, 4)
    assert all(p.is_meta for p in net.parameters())


def test_heads_never_change_the_number_of_parameters():
    sizes = {sum(p.numel() for p in small_vit(attn=partial(Full, heads=h)).parameters()) for h in (1, 2, 4, 8, 16)}
    assert len(sizes) == 1


def test_stacked_linear_maps_are_drawn_as_if_each_had_its_own_matrix():
    torch.manual_seed(0)
    for outputs, stacked in ((64, 1), (192, 3)):
        linear = Dense(64, outputs, stacked=stacked)
        bound = (6 / (64 + 64)) ** 0.5
        assert 0.98 * bound < linear.weight.abs().max() <= bound
        assert not linear.bias.any()


@pytest.mark.parametrize("pool", [Mean, Cls])
@pytest.mark.parametrize("pos", [NoPos, partial(Learned, std=0.02)])
def test_under_autocast_the_blocks_add_up_in_fp32_whatever_the_parts_are(pos, pool):
    net, image = small_vit(pos=pos, pool=pool), torch.randn(4, 1, 8, 8)
    seen = []
    net.blocks[1].register_forward_pre_hook(lambda block, inputs: seen.append(inputs[0].dtype))
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(image)
    assert seen == [torch.float32]
    assert logits.dtype == torch.bfloat16
    torch.testing.assert_close(logits.float(), net(image), atol=0.2, rtol=0)


def test_a_negative_number_of_registers_is_refused():
    with pytest.raises(ValueError, match=r"^model.registers=-1 is too few; 0 or more do$"):
        small_vit(registers=-1)


def test_drop_path_leaves_branches_out_for_some_images_in_training_alone():
    net, plain = small_vit(depth=3, drop_path=0.5), small_vit(depth=3)
    assert [block.drop_path.rate for block in net.blocks] == [0, 0.25, 0.5]
    x = torch.randn(4, 1, 8, 8)
    torch.testing.assert_close(net.eval()(x), plain.eval()(x))
    drop = net.train().blocks[2].drop_path
    out = drop(torch.ones(4000, 5, 2))
    assert set(out.flatten().tolist()) == {0.0, 2.0}
    assert out.mean().item() == pytest.approx(1, abs=0.1)
    assert (out == out[:, :1, :1]).all(), "an image keeps a branch as a whole"
    with pytest.raises(ValueError, match=r"model.drop_path=1 is no share to leave out; 0 up to less than 1 do"):
        small_vit(drop_path=1)
