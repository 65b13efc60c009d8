"""What python -m ablate.inspect shows is what the model does, and what it has not is said."""

import json
from functools import partial

import pytest
import torch

from ablate.axes.attn import Axial, Full, Linear, Window
from ablate.axes.mlp import Gelu
from ablate.axes.model import Timm
from ablate.axes.norm import LayerNorm
from ablate.axes.patch import Patch
from ablate.axes.pool import Cls, Mean
from ablate.axes.pos import Learned, NoPos, Relative, Rope
from ablate.axes.tokens import All, Merge
from ablate.inspect import attention, weights
from ablate.inspect.__main__ import main
from ablate.inspect.attention import NoSuchThing
from ablate.vit import ViT

LEARNED = partial(Learned, std=0.02)


def vit(**parts):
    given = {
        "patch": partial(Patch, size=2),
        "pos": LEARNED,
        "attn": partial(Full, heads=2),
        "tokens": All,
        "norm": partial(LayerNorm, eps=1e-6),
        "mlp": partial(Gelu, ratio=2.0),
        "pool": Cls,
    }
    torch.manual_seed(0)
    model = ViT(
        image=(1, 8, 8), classes=4, dim=8, depth=2, registers=1, sequence={}, branches={}, **(given | parts)
    )
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.3 * torch.randn(p.shape))
    return model.eval()


KINDS = {
    "full": {},
    "mean": {"pool": Mean, "pos": NoPos},
    "rope": {"pos": partial(Rope, heads=2, base=100)},
    "relative": {"pos": partial(Relative, heads=2, std=0.02)},
    "window": {"attn": partial(Window, heads=2, size=2, shift=True)},
    "axial": {"attn": partial(Axial, heads=2)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_maps_are_the_weights_that_the_blocks_use(kind):
    """They would not give the output of the block otherwise, which is looked at; and rows sum to 1."""
    found = attention.maps(vit(**KINDS[kind]), torch.rand(3, 1, 8, 8))
    assert len(found.blocks) == 2
    for block in found.blocks:
        assert block.shape == (3, 2, 16 + found.prefix, 16 + found.prefix)
        torch.testing.assert_close(block.sum(-1), torch.ones(block.shape[:-1]))
    if kind == "window":
        first, last = found.prefix, found.prefix + 15
        assert found.blocks[0][:, :, first, last].abs().max() == 0


def test_maps_of_timms_models_too():
    model = Timm(
        image=(1, 28, 28),
        classes=4,
        name="vit_tiny_patch16_224",
        patch=partial(Patch, size=14),
        pos=LEARNED,
        pool=Cls,
    )
    found = attention.maps(model.eval(), torch.rand(1, 1, 28, 28))
    assert (len(found.blocks), found.prefix, found.grid) == (12, 1, (2, 2))


def test_what_has_no_map_says_so():
    with pytest.raises(NoSuchThing, match="attn=linear is no softmax over pairs of tokens"):
        attention.maps(vit(attn=partial(Linear, heads=2)), torch.rand(1, 1, 8, 8))
    with pytest.raises(NoSuchThing, match="tokens are merged on the way"):
        attention.maps(vit(tokens=partial(Merge, keep=0.5)), torch.rand(1, 1, 8, 8))
    resnet = Timm(image=(1, 28, 28), classes=4, name="resnet18", patch=None, pos=None, pool=None)
    with pytest.raises(NoSuchThing, match="no attention that we know"):
        attention.maps(resnet, torch.rand(1, 1, 28, 28))
    with pytest.raises(NoSuchThing, match="the model has no table of positions"):
        weights.positions(resnet)
    for pos, kind in ((NoPos, "nopos"), (partial(Relative, heads=2, std=0.02), "relative")):
        with pytest.raises(NoSuchThing, match=f"pos={kind} has no table of positions"):
            weights.positions(vit(pos=pos))


def test_rollout_goes_through_all_blocks_and_keeps_half_of_each_token():
    flip = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).expand(1, 3, 2, 2)
    once = attention.rollout([flip])
    torch.testing.assert_close(once[0], torch.full((2, 2), 0.5))
    torch.testing.assert_close(attention.rollout([flip, flip])[0], torch.full((2, 2), 0.5))
    stay = torch.eye(2).expand(1, 3, 2, 2)
    torch.testing.assert_close(attention.rollout([stay, stay])[0], torch.eye(2))


def test_distance_of_even_attention_is_the_mean_distance():
    even = torch.full((2, 1, 5, 5), 0.2)  # CLS and 2 x 2 patches
    away = (0 + 4 + 4 + 4 * 2**0.5) / 4
    torch.testing.assert_close(attention.distance(even, 1, (2, 2), 4.0), torch.tensor([away]))
    assert attention.distance(torch.eye(5)[None, None], 1, (2, 2), 4.0).item() == 0


def test_similarity_of_positions_is_their_cosine():
    model = vit()
    found = weights.positions(model)
    rows = model.pos.table[2:].detach()  # less CLS and the register
    assert found.shape == (4, 4, 4, 4)
    assert found[1, 2, 3, 0].item() == pytest.approx(
        torch.cosine_similarity(rows[6], rows[12], dim=0).item(), abs=1e-6
    )


def test_filters_are_orthogonal_directions_of_the_kernel():
    found = weights.filters(vit(), 1).flatten(1)
    assert found.shape == (4, 4)
    torch.testing.assert_close(found @ found.T, torch.eye(4), atol=1e-5, rtol=0)


def test_a_run_is_looked_into_and_its_page_shows_it(train, tmp_path, capsys):
    assert train("-m", "pos=learned,none", "attn=full", "data.test=64").code == 0
    runs = [file.parent for file in (tmp_path / "runs").glob("*/*/record.json")]
    assert main([str(run) for run in runs]) == 0
    said = capsys.readouterr().out
    assert "none: pos=nopos has no table of positions" in said
    for run in runs:
        files = {file.name for file in (run / "inside").iterdir()}
        assert {"attention.png", "attention.svg", "distance.png", "confusion.svg", "mistakes.png"} <= files
    from ablate.report.__main__ import main as report

    assert report([str(runs[0].parent)]) == 0
    page = (runs[0].parent / "report" / "report.html").read_text()
    assert "<h2>Inside</h2>" in page
    for arm in ("none", "learned"):
        assert page.count(f"seed=0, best of pos={arm}</summary>") == 1
    assert page.count("inside/attention.png") == 2
    assert page.count("inside/positions.png") == 1


@pytest.mark.slow
def test_of_a_study_the_best_run_of_each_arm_is_looked_into(train, tmp_path, capsys):
    assert train("-m", "pos=learned,none", "attn=full,axial", "seed=0,1", "data.test=64").code == 0
    (study,) = (tmp_path / "runs").iterdir()
    held = {file.parent: json.loads(file.read_text()) for file in study.glob("*/record.json")}
    for number, (folder, one) in enumerate(held.items()):
        one["metrics"]["val_acc"] = number / 10
        one.pop("sum")
        (folder / "record.json").write_text(json.dumps(one))
    assert main([str(study)]) == 0
    looked = {file.parent for file in study.glob("*/inside")}
    arms = [("pos", "learned"), ("pos", "none"), ("attn", "full"), ("attn", "axial")]
    best = {[folder for folder, one in held.items() if one["cell"][axis] == arm][-1] for axis, arm in arms}
    assert looked == best
    said = capsys.readouterr().out
    assert f"python -m ablate.report {study} shows them on its page" in said
    assert all(said.count(f"{axis}={arm}") >= 1 for axis, arm in arms)
    for folder in held:
        (folder / "weights.pt").unlink()
    assert main([str(study)]) == 2
    assert "no run in it is done and has its weights.pt" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["none", "running", "weights"])
def test_what_is_no_finished_run_is_refused_in_a_line(train, tmp_path, capsys, what):
    assert train("data.test=64").code == 0
    (file,) = (tmp_path / "runs").glob("*/*/record.json")
    run = file.parent
    if what == "running":
        held = json.loads(file.read_text())
        held["state"] = "running"
        held.pop("sum")
        file.write_text(json.dumps(held))
    if what == "weights":
        (run / "weights.pt").unlink()
    place = tmp_path / "nowhere" if what == "none" else run
    lines = {
        "none": "no run of ours",
        "running": "the run is running",
        "weights": "weights.pt is not there",
    }
    assert main([str(place)]) == 2
    said = capsys.readouterr().err
    assert lines[what] in said
    assert len(said.splitlines()) == 1
