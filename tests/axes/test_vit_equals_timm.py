"""Our ViT is timm's VisionTransformer: with its weights, the same logits."""

from functools import partial

import pytest
import torch
from small_vit import small_vit
from timm.models.vision_transformer import VisionTransformer

from ablate.axes.patch import Patch
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos

NAMES = {"patch.": "patch_embed.", "attn.out.": "attn.proj.", "mlp.up.": "mlp.fc1.", "mlp.down.": "mlp.fc2."}
POS = {"none": NoPos, "learned": partial(Learned, std=0.02)}
POOL = {"token": Cls, "avg": Mean}


def in_timms_words(ours, theirs):
    """Our weights under timm's names and in its shapes."""
    state = {}
    for name, weight in ours.state_dict().items():
        for our_word, timms_word in NAMES.items():
            name = name.replace(our_word, timms_word)
        state[name] = weight
    moved = {"pos.table": "pos_embed", "pool.token": "cls_token"}
    state |= {theirs: state.pop(ours) for ours, theirs in moved.items() if ours in state}
    if registers := [state.pop(k) for k in sorted(state) if k.startswith("registers.")]:
        state["reg_token"] = torch.stack(registers)
    return {name: weight.reshape(theirs.state_dict()[name].shape) for name, weight in state.items()}


def pair(*, pos, pool, patch, channels, registers=0):
    ours = small_vit(
        image=(channels, 28, 28),
        patch=partial(Patch, size=patch),
        pos=POS[pos],
        pool=POOL[pool],
        registers=registers,
    )
    theirs = VisionTransformer(
        img_size=28,
        patch_size=patch,
        in_chans=channels,
        num_classes=4,
        embed_dim=16,
        depth=2,
        num_heads=4,
        pos_embed="learn" if pos == "learned" else "none",
        class_token=pool == "token",
        reg_tokens=registers,
        global_pool=pool,
        fc_norm=False,  # for averages timm would move the last norm behind the pool
    )
    theirs.load_state_dict(in_timms_words(ours, theirs))
    return ours, theirs


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("patch", [2, 4, 7, 14])
@pytest.mark.parametrize("pool", POOL)
@pytest.mark.parametrize("pos", POS)
def test_logits_equal_timms(pos, pool, patch, channels):
    ours, theirs = pair(pos=pos, pool=pool, patch=patch, channels=channels)
    x = torch.randn(2, channels, 28, 28)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-5, rtol=0)
    ours, theirs, x = ours.double(), theirs.double(), x.double()
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-10, rtol=0)


@pytest.mark.parametrize("pool", POOL)
def test_logits_equal_timms_with_registers(pool):
    ours, theirs = pair(pos="learned", pool=pool, patch=7, channels=1, registers=3)
    x = torch.randn(2, 1, 28, 28)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-5, rtol=0)


def test_gradients_equal_timms():
    ours, theirs = pair(pos="learned", pool="token", patch=4, channels=1)
    x, y = torch.randn(4, 1, 28, 28), torch.tensor([0, 1, 2, 3])
    for net in (ours, theirs):
        torch.nn.functional.cross_entropy(net(x), y).backward()
    torch.testing.assert_close(ours.pool.token.grad, theirs.cls_token.grad[0, 0], atol=1e-5, rtol=0)
    torch.testing.assert_close(ours.head.weight.grad, theirs.head.weight.grad, atol=1e-5, rtol=0)
