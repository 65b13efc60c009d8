"""Weights that a model begins with: timm's in ours, of a run of ours, adapted, refused, frozen."""

import json
import pickle
import shutil
from functools import partial

import pytest
import timm
import torch
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from ablate.axes.attn import Full
from ablate.axes.mlp import Gelu, Swiglu
from ablate.axes.model import Timm as TimmModel
from ablate.axes.norm import LayerNorm
from ablate.axes.patch import Conv, Overlap, Patch
from ablate.axes.pool import Cls, Map, Mean
from ablate.axes.pos import Learned, NoPos, Relative
from ablate.axes.tokens import All
from ablate.train import adapt, hub, weights_file
from ablate.train.init import Timm, fill_model
from ablate.vit import ViT

LEARNED = partial(Learned, std=0.02)


def ours(*, size, patch=16, channels=3, classes=10, dim=32, depth=2, heads=2, **parts):
    """Our ViT of timm's kind, with random weights."""
    given = {
        "patch": partial(Patch, size=patch) if isinstance(patch, int) else patch,
        "pos": LEARNED,
        "attn": partial(Full, heads=heads),
        "tokens": All,
        "norm": partial(LayerNorm, eps=1e-6),
        "mlp": partial(Gelu, ratio=4),
        "pool": Cls,
        "registers": 0,
    }
    given |= parts
    image = (channels, size, size)
    return ViT(image=image, classes=classes, dim=dim, depth=depth, sequence={}, branches={}, **given).eval()


def randomised(net):
    """All weights of a model drawn at random, biases and norms too: what is mapped wrongly shows."""
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor.copy_(torch.randn(tensor.shape) * 0.05)
    return net.eval()


def small(**more):
    given = {"img_size": 32, "patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 2, "num_classes": 10}
    return randomised(VisionTransformer(**(given | more)))


def saved(net, path):
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)
    return str(path)


def given(path, *, name=None, head="new", stem="sum"):
    return Timm(name=name, path=str(path), head=head, stem=stem)


def test_timms_vit_tiny_in_our_vit_gives_the_same_logits(tmp_path):
    theirs = randomised(timm.create_model("vit_tiny_patch16_224"))
    path = saved(theirs, tmp_path / "tiny.safetensors")
    mine = ours(size=224, classes=1000, dim=192, depth=12, heads=3)
    done = fill_model(mine, given(path, name="vit_tiny_patch16_224", head="keep"))
    assert not done.adapted
    assert not done.new
    assert not done.left_out
    assert len(done.loaded) == len(theirs.state_dict())
    x = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(mine(x), theirs(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "arms",
    [
        {"class_token": False, "global_pool": "avg", "fc_norm": False},
        {"reg_tokens": 3},
        {"reg_tokens": 3, "no_embed_class": True},
        {"init_values": 0.1},
        {"qkv_bias": False},
        {"pos_embed": "none"},
    ],
    ids=str,
)
def test_kinds_of_timms_vits_give_the_same_logits(tmp_path, arms):
    theirs = small(**arms)
    parts = {"registers": arms.get("reg_tokens", 0)}
    parts |= {"pool": Mean} if arms.get("global_pool") == "avg" else {}
    parts |= {"pos": NoPos} if arms.get("pos_embed") == "none" else {}
    mine = ours(size=32, patch=8, **parts)
    fill_model(mine, given(saved(theirs, tmp_path / "w.safetensors"), head="keep"))
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(mine(x), theirs(x), atol=1e-5, rtol=0)


def test_weights_of_224_pixels_are_adapted_to_32_and_gray(tmp_path):
    theirs = randomised(timm.create_model("vit_tiny_patch16_224"))
    path = saved(theirs, tmp_path / "tiny.safetensors")
    mine = ours(size=32, patch=4, channels=1, dim=192, depth=12, heads=3)
    done = fill_model(mine, given(path, name="vit_tiny_patch16_224"))
    assert done.adapted == ("pos.table 14x14 to 8x8", "patch.proj.weight 3x16x16 to 1x4x4")
    assert done.new == ("head.weight", "head.bias")
    assert done.left_out == ("head.bias", "head.weight")
    assert done.line() == (
        f"init: init.path={path}: 148 tensors loaded; adapted: pos.table 14x14 to 8x8, "
        "patch.proj.weight 3x16x16 to 1x4x4; new: head; left out: head"
    )
    with torch.no_grad():
        assert mine(torch.rand(2, 1, 32, 32)).isfinite().all()


def test_one_channel_sees_what_three_equal_ones_saw(tmp_path):
    path = saved(small(), tmp_path / "w.safetensors")
    gray, colored = ours(size=32, patch=8, channels=1), ours(size=32, patch=8)
    for model in (gray, colored):
        fill_model(model, given(path, head="keep"))
    x = torch.rand(2, 1, 32, 32)
    torch.testing.assert_close(gray(x), colored(x.expand(-1, 3, -1, -1)), atol=1e-5, rtol=0)
    summed = gray.patch.proj.weight.clone()
    fill_model(gray, given(path, head="keep", stem="mean"))
    torch.testing.assert_close(3 * gray.patch.proj.weight, summed)


def test_three_channels_made_of_one_sum_to_it():
    old = torch.randn(4, 1, 2, 2)
    torch.testing.assert_close(adapt.over_channels(old, 3, "sum").sum(1, keepdim=True), old)
    torch.testing.assert_close(adapt.over_channels(old, 3, "mean"), old.expand(-1, 3, -1, -1))
    with pytest.raises(ValueError, match="for 4 channels is not one for 3"):
        adapt.over_channels(torch.randn(4, 4, 2, 2), 3, "sum")


def test_a_larger_kernel_sees_in_larger_patches_what_the_smaller_saw():
    old, patches = torch.randn(5, 3, 4, 4), torch.randn(7, 3, 4, 4)
    larger = nn.functional.interpolate(patches, size=(8, 8), mode="bicubic", antialias=True)
    new = adapt.kernel(old, side=8, channels=3, stem="sum")
    was, now = (torch.einsum("bcyx,dcyx->bd", x, w) for x, w in ((patches, old), (larger, new)))
    torch.testing.assert_close(now, was, atol=1e-3, rtol=0)


def test_a_table_of_one_flat_row_stays_flat_and_prefixes_keep_their_places():
    old = adapt.Table(
        cls=torch.full((4,), 7.0), registers=torch.full((2, 4), 5.0), patches=torch.full((9, 4), 3.0)
    )
    drawn = torch.full((1 + 3 + 16, 4), -1.0)
    new = adapt.table(old, drawn, cls=True, registers=3, grid=(4, 4))
    assert new[:, 0].tolist() == pytest.approx([7, 5, 5, -1, *[3] * 16])
    without = adapt.table(old, drawn[4:], cls=False, registers=0, grid=(4, 4))
    assert without[:, 0].tolist() == pytest.approx([3] * 16)


def test_arms_that_the_weights_do_not_have_stay_as_drawn(tmp_path):
    path = saved(small(), tmp_path / "w.safetensors")
    relative = ours(size=32, patch=8, pos=partial(Relative, heads=2, std=0.02))
    before = relative.pos.table.clone()
    done = fill_model(relative, given(path))
    assert torch.equal(relative.pos.table, before)
    assert "pos.table" in done.new
    assert "positions" in done.left_out
    swiglu = fill_model(ours(size=32, patch=8, mlp=partial(Swiglu, ratio=4)), given(path))
    assert {name.split(".", 2)[2] for name in swiglu.new if ".mlp." in name} == {
        f"mlp.{part}.{kind}" for part in ("gate_up", "down") for kind in ("weight", "bias")
    }
    fits = partial(Map, heads=2, norm=partial(LayerNorm, eps=1e-6), mlp=partial(Gelu, ratio=4))
    assert any(name.startswith("pool.") for name in fill_model(ours(size=32, patch=8, pool=fits), given(path)).new)
    wider = fill_model(ours(size=32, patch=partial(Overlap, size=8)), given(path))
    assert wider.adapted == ("patch.proj.weight 3x8x8 to 3x15x15",)


def test_fewer_blocks_take_the_first_ones(tmp_path):
    theirs = small()
    mine = ours(size=32, patch=8, depth=1)
    done = fill_model(mine, given(saved(theirs, tmp_path / "w.safetensors")))
    assert torch.equal(mine.blocks[0].attn.qkv.weight, theirs.blocks[0].attn.qkv.weight)
    assert any(name.startswith("blocks.1.") for name in done.left_out)


TIMM = {"image": (1, 28, 28), "classes": 4, "patch": None, "pos": None, "pool": None}


def test_weights_of_timm_in_timms_model(tmp_path):
    theirs = randomised(timm.create_model("resnet18", num_classes=7))
    path = saved(theirs, tmp_path / "w.safetensors")
    mine = TimmModel(name="resnet18", **TIMM)
    done = fill_model(mine, given(path))
    assert done.adapted == ("net.conv1.weight 3x7x7 to 1x7x7",)
    assert done.new == ("net.fc.weight", "net.fc.bias")
    assert torch.equal(mine.net.layer4[1].bn2.running_var, theirs.layer4[1].bn2.running_var)


def test_a_vit_of_timms_takes_them_at_another_size_too(tmp_path):
    path = saved(randomised(timm.create_model("vit_tiny_patch16_224", depth=2)), tmp_path / "w.safetensors")
    arms = TIMM | {"patch": partial(Patch, size=7), "pos": LEARNED, "pool": Cls}
    mine = TimmModel(name="vit_tiny_patch16_224", **arms)
    done = fill_model(mine, given(saved(timm.create_model("vit_tiny_patch16_224"), path)))
    assert set(done.adapted) == {"net.pos_embed 14x14 to 4x4", "net.patch_embed.proj.weight 3x16x16 to 1x7x7"}
    assert set(done.new) == {"net.head.weight", "net.head.bias"}


def refused(model, start):
    with pytest.raises(ValueError, match=r".") as caught:
        fill_model(model, start)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_weights_of_another_model_are_refused_with_what_would_do(tmp_path):
    path = saved(small(), tmp_path / "w.safetensors")
    line = refused(ours(size=32, patch=8, dim=64), given(path))
    assert line.endswith("its weights do not fit model.dim=64 model.depth=2; model.dim=32 model.depth=2 does")
    line = refused(ours(size=32, patch=8, depth=3), given(path))
    assert line.endswith("do not fit model.dim=32 model.depth=3; model.dim=32 model.depth=2 does")
    line = refused(ours(size=32, patch=8, heads=4, dim=192), given(path, name="vit_tiny_patch16_224"))
    assert line.endswith("model.dim=32 model.depth=2 model.heads=3 does")
    line = refused(ours(size=32, patch=8, classes=7), given(path, head="keep"))
    assert line.endswith("head.bias is 10 there and 7 in this model; init.head=new draws a new one")
    line = refused(ours(size=32, patch=8, mlp=partial(Gelu, ratio=2)), given(path))
    assert "blocks.0.mlp.up.bias is 128 there and 64 in this model" in line
    line = refused(ours(size=32, patch=partial(Conv, size=8)), given(path))
    assert line.endswith("its patches are no weights for patch=conv; 4, 7 or overlap can take them")
    resnet = saved(timm.create_model("resnet18"), tmp_path / "r.safetensors")
    line = refused(ours(size=32, patch=8), given(resnet))
    assert line.endswith("; model=timm model.name=NAME takes it")
    line = refused(TimmModel(name="resnet18", **TIMM), given(path))
    assert "weights of another model (0 of 120 tensors fit)" in line


def test_weights_that_cannot_be_read_are_refused(tmp_path):
    model = ours(size=32, patch=8)
    whole = tmp_path / "w.safetensors"
    saved(small(), whole)
    (tmp_path / "cut.safetensors").write_bytes(whole.read_bytes()[:-100])
    (tmp_path / "bad.pt").write_bytes(pickle.dumps({"a": partial(print, 1)}))
    torch.save(nn.Linear(2, 2), tmp_path / "module.pt")
    torch.save({"state_dict": dict(small().state_dict())}, tmp_path / "good.pt")
    (tmp_path / "half.pt").write_bytes((tmp_path / "good.pt").read_bytes()[:2000])
    (tmp_path / "none").mkdir()
    does = "a .safetensors file does, or a .pt, .pth or .bin of tensors alone"
    assert "is damaged, cut short or no file of weights" in refused(model, given(tmp_path / "cut.safetensors"))
    for name in ("bad.pt", "module.pt"):
        line = refused(model, given(tmp_path / name))
        assert line.endswith(f"{name} holds more than tensors, and nothing is unpickled here; {does}")
    assert does in refused(model, given(tmp_path / "half.pt"))
    assert refused(model, given(tmp_path / "no.pt")).endswith(f"no.pt: no such file; {does}")
    assert "holds none of model.safetensors" in refused(model, given(tmp_path / "none"))
    assert fill_model(model, given(tmp_path / "good.pt")).loaded


def test_the_digest_is_of_the_weights_and_not_of_the_file(tmp_path):
    net = small()
    saved(net, tmp_path / "a.safetensors")
    torch.save(net.state_dict(), tmp_path / "a.pt")
    one, two = (weights_file.read(str(tmp_path / f"a.{end}"), "x")[1] for end in ("safetensors", "pt"))
    assert one == two
    saved(small(), tmp_path / "b.safetensors")
    assert weights_file.read(str(tmp_path / "b.safetensors"), "x")[1] != one


def test_a_hub_that_does_not_answer_is_asked_once(monkeypatch, tmp_path):
    asked = []

    class Session:
        def head(self, url, timeout):
            asked.append((url, timeout))
            raise OSError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.utils.get_session", Session)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="not here and the hub did not give it") as caught:
        hub.weights_of("vit_tiny_patch16_224")
    assert str(caught.value).endswith(
        "(Name or service not known); init.path=FILE.safetensors reads weights that are here already"
    )
    assert len(asked) == 1
    assert asked[0][1] <= 5


def test_a_model_without_weights_is_said():
    with pytest.raises(ValueError, match=r"init.name=convnext_atto_rms: timm has no weights for it"):
        hub.weights_of("convnext_atto_rms")
    with pytest.raises(ValueError, match=r"init.name=vit_tinny: timm has no such model"):
        hub.weights_of("vit_tinny")
    with pytest.raises(
        ValueError, match=r"vit_tiny_patch16_224.none: timm has no weights for it; it has them for vit"
    ):
        hub.weights_of("vit_tiny_patch16_224.none")


def records(tmp_path):
    found = [json.loads(file.read_text()) for file in (tmp_path / "runs").glob("*/*/record.json")]
    return sorted(found, key=lambda one: one["started"])


@pytest.mark.slow
def test_a_run_goes_on_from_another_wherever_it_lies(train, tmp_path):
    assert train().code == 0
    (first,) = records(tmp_path)
    run = f"runs/{first['study']}/{first['id']}"
    shutil.copytree(tmp_path / run, tmp_path / "elsewhere")
    said = train("init=checkpoint", f"init.path={run}", "name=tuned")
    assert said.code == 0, said.err
    assert f"init: run {first['id']}: 17 tensors loaded; new: head; left out: head" in said.out
    second = records(tmp_path)[1]
    assert second["init"]["source"] == f"run {first['id']}"
    assert second["init"]["new"] == ["head.weight", "head.bias"]
    assert second["content"]["init"]
    again = train("init=checkpoint", "init.path=elsewhere", "name=tuned")
    assert "1 run, 1 finished before" in again.out
    kept = train(
        "init=checkpoint", "init.path=elsewhere", "name=kept", "init.head=keep", "epochs=1", "optim.lr=0.0"
    )
    assert kept.code == 0, kept.err
    assert records(tmp_path)[2]["metrics"]["test_acc"] == first["metrics"]["test_acc"]


def test_only_the_head_of_a_frozen_backbone_moves(train, tmp_path):
    assert train().code == 0
    (first,) = records(tmp_path)
    run = f"runs/{first['study']}/{first['id']}"
    given = ("init=checkpoint", f"init.path={run}", "name=frozen", "optim.weight_decay=0.5")
    assert train(*given, "freeze=backbone").code == 0
    frozen = records(tmp_path)[1]
    before, after = (
        torch.load(tmp_path / "runs" / one["study"] / one["id"] / "weights.pt", weights_only=True)
        for one in (first, frozen)
    )
    assert {name for name in before if not torch.equal(before[name], after[name])} == {"head.weight", "head.bias"}
    assert frozen["cost"]["train_flops"] < first["cost"]["train_flops"] / 2
    assert frozen["cost"]["params"] == first["cost"]["params"]
    said = train("freeze=backbone")
    assert (said.code, said.err) == (
        2,
        "ablate: freeze=backbone: init=scratch has nothing to freeze; init=checkpoint or init=timm do\n",
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("init=checkpoint",), "init=checkpoint needs init.path; a finished run does: init.path=runs/STUDY/RUN"),
        (("init=checkpoint", "init.path=none"), "init.path=none: no such folder; a finished run does"),
        (("init=timm",), "init=timm: our ViT needs init.name, such as init.name=vit_tiny_patch16_224"),
        (("init=timm", "init.name=resnet18", "init.path=w.pt"), "init.name=resnet18: no plain ViT"),
        (("init=timm", "init.path=w.pt", "init.name=vit_tiny_patch16_224"), "init.path=w.pt: no such file"),
        (("init=timm", "init.name=vit_tiny_patch16_24"), "init.name=vit_tiny_patch16_24: timm has no such model"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_begin_is_refused_before_anything_trains(train, tmp_path, words, line):
    said = train(*words)
    assert said.code == 2
    assert line in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_study_of_runs_is_no_run(train, tmp_path):
    assert train().code == 0
    (first,) = records(tmp_path)
    said = train("init=checkpoint", f"init.path=runs/{first['study']}")
    assert said.code == 2
    assert f"it holds 1 runs, such as init.path=runs/{first['study']}/{first['id']}" in said.err


@pytest.mark.slow
def test_the_weights_of_several_runs_can_be_an_axis(train, tmp_path):
    assert train("-m", "seed=0,1", "name=first").code == 0
    one, two = (f"runs/first/{record['id']}" for record in records(tmp_path))
    said = train("-m", f"init.path={one},{two}", "init=checkpoint", "name=second")
    assert said.code == 0, said.err
    found = [record for record in records(tmp_path) if record["study"] == "second"]
    assert {record["cell"]["init.path"] for record in found} == {one, two}
    assert len({record["content"]["init"] for record in found}) == 2
