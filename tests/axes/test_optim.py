"""Groups of parameters: what decays, and at which rate each layer learns."""

from functools import partial

import pytest
from small_vit import small_vit
from torch import nn

from ablate.axes.model import Timm
from ablate.axes.optim import SGD, AdamW, groups, levels
from ablate.axes.pool import Cls
from ablate.axes.pos import Learned

GIVEN = {"lr": 1.0, "weight_decay": 0.1}


def rates(model, layer_decay):
    names = {id(p): name for name, p in model.named_parameters()}
    found = groups(model, layer_decay=layer_decay, **GIVEN)
    return {names[id(p)]: group["lr"] for group in found for p in group["params"]}


def test_each_layer_learns_at_a_share_of_the_one_above():
    model = small_vit(depth=2, registers=1, pool=Cls, pos=partial(Learned, std=0.02))
    found = rates(model, 0.5)
    assert len(found) == len(list(model.named_parameters()))
    assert {found[name] for name in ("head.weight", "norm.weight")} == {1.0}
    assert found["blocks.1.attn.qkv.weight"] == 0.5
    assert found["blocks.0.mlp.up.bias"] == 0.25
    assert {found[name] for name in ("pos.table", "pool.token", "registers.0", "patch.proj.weight")} == {0.125}


def test_timms_models_say_which_layer_is_which():
    model = Timm(image=(3, 64, 64), classes=4, name="resnet18", patch=None, pos=None, pool=None)
    found = levels(model)
    assert set(found) == {name for name, _ in model.named_parameters()}
    assert found["net.conv1.weight"] < found["net.layer1.0.conv1.weight"] < found["net.layer4.1.conv2.weight"]
    assert found["net.fc.weight"] == max(found.values())


@pytest.mark.parametrize("kind", [partial(AdamW, betas=[0.9, 0.98]), partial(SGD, momentum=0.9)])
def test_without_it_there_are_two_groups_and_the_first_has_the_rate(kind):
    model = small_vit()
    plain = kind(model, **GIVEN)
    assert [len(group["params"]) for group in plain.param_groups] == [10, 20]
    assert kind(model, **GIVEN, layer_decay=0.5).param_groups[0]["lr"] == 1.0


def test_frozen_weights_are_in_no_group():
    model = small_vit()
    for name, p in model.named_parameters():
        p.requires_grad_(name.startswith("head."))
    for layer_decay in (1.0, 0.5):
        assert set(rates(model, 0.5)) == {"head.weight", "head.bias"}
        found = groups(model, layer_decay=layer_decay, **GIVEN)
        assert sum(len(group["params"]) for group in found) == 2


def test_any_module_has_one_layer_at_least():
    assert groups(nn.Linear(2, 2), layer_decay=0.5, **GIVEN)[0]["lr"] == 1.0
