"""timm's models in our harness."""

import subprocess
import sys
from functools import partial

import pytest
import torch

from ablate.axes.model import Timm
from ablate.axes.patch import Patch
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos, Sinusoidal

PATCH = partial(Patch, size=7)
LEARNED = partial(Learned, std=0.02)


def built(name, *, image=(1, 28, 28), patch=PATCH, pos=LEARNED, pool=Mean):
    return Timm(image=image, classes=4, name=name, patch=patch, pos=pos, pool=pool)


@pytest.mark.parametrize("pos", [NoPos, LEARNED])
@pytest.mark.parametrize(("pool", "own"), [(Cls, 1), (Mean, 0)])
@pytest.mark.parametrize("size", [4, 7])
def test_patch_pos_and_pool_reach_timms_vit(size, pool, own, pos):
    net = built("test_vit", patch=partial(Patch, size=size), pos=pos, pool=pool)
    patches = (28 // size) ** 2
    assert net.net.patch_embed.patch_size == (size, size)
    assert net.tokens == patches + own
    assert (net.net.pos_embed is None) == (pos is NoPos)
    assert (net.net.cls_token is not None) == (pool is Cls)
    assert net.unread == ()
    seen = []
    net.net.blocks.register_forward_pre_hook(lambda blocks, inputs: seen.append(inputs[0].shape[1]))
    assert net(torch.randn(2, 1, 28, 28)).shape == (2, 4)
    assert seen == [net.tokens]


def test_only_a_position_makes_timms_vit_see_the_order_of_patches():
    image = torch.randn(2, 1, 28, 28)
    moved = image.roll(7, 2)
    torch.manual_seed(0)
    blind, seeing = built("test_vit", pos=NoPos).eval(), built("test_vit", pos=LEARNED).eval()
    torch.testing.assert_close(blind(image), blind(moved), atol=1e-5, rtol=0)
    assert not torch.allclose(seeing(image), seeing(moved), atol=1e-5)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "resnet18"])
def test_the_ready_choices_train_on_small_gray_images(name):
    net = built(name)
    net(torch.randn(2, 1, 28, 28)).square().sum().backward()
    assert not [n for n, p in net.named_parameters() if p.grad is None]


def test_a_model_without_tokens_says_so_and_which_axes_it_does_not_read():
    net = built("resnet18")
    assert net.tokens is None
    assert net.unread == ("patch", "pos", "pool")
    assert built("resnet18", patch=None, pos=None, pool=None).unread == ()


def test_building_is_possible_without_memory_and_changes_no_mode():
    with torch.device("meta"):
        net = built("resnet18")
    assert net.training
    assert all(module.training for module in net.modules())
    assert net.net.bn1.running_mean.is_meta


@pytest.mark.parametrize(
    ("name", "parts", "message"),
    [
        ("resnet81", {}, r"model.name=resnet81: timm has no such model; did you mean resnet18 or .+\?"),
        ("q-w-e", {}, r"model.name=q-w-e: timm has no such model; timm.list_models\(\) has the names"),
        (
            "test_vit",
            {"pos": partial(Sinusoidal, base=1e4)},
            "pos=sinusoidal: timm's test_vit has no such arm; none, learned do",
        ),
        (
            "test_vit",
            {"patch": partial(Patch, size=5)},
            "patch=5 does not tile 28x28 images; 2, 4, 7, 14 do",
        ),
        ("densenet121", {}, "model.name=densenet121 cannot take 28x28 images; image.size=32 does"),
        (  # timm itself would leave out 12 of 28 rows without a word
            "vit_tiny_patch16_224",
            {"patch": None},
            "model.name=vit_tiny_patch16_224 cannot take 28x28 images; image.size=32 does",
        ),
    ],
)
def test_what_timm_cannot_do_is_said_in_one_line(name, parts, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        built(name, **parts)


def test_the_proposed_size_works():
    assert built("densenet121", image=(1, 32, 32))(torch.randn(2, 1, 32, 32)).shape == (2, 4)


def test_timm_is_imported_only_when_a_model_of_it_is_built():
    code = "import sys, ablate.vit, ablate.axes.model; sys.exit('timm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
