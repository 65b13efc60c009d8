"""A mistake of the user's: one line that says what would have worked, exit 2, nothing trained, nothing written."""

import sys
from pathlib import Path

import pytest
from tiny import TINY

from ablate.config import command
from ablate.config.errors import UserError

LINES = {
    ("pos=lerned",): "pos=lerned: no such choice. Did you mean learned? There are: ",
    ("optim.lrr=1",): "optim.lrr: no such key. Did you mean lr? There are: ",
    ("epochs=ten",): "epochs=ten: not an integer",
    ("optim.lr=fast",): "optim.lr=fast: not a number",
    ("optim.lr=-1",): "optim.lr=-1.0: too small; 0 or more works",
    ("optim.weight_decay=-1",): "optim.weight_decay=-1.0: too small; 0 or more works",
    ("optim=sgd", "optim.momentum=-0.1"): "optim.momentum=-0.1: too small; 0 or more works",
    ("model.depth=-1",): "model.depth=-1: too small; 1 or more works",
    ("model.depth=0",): "model.depth=0: too small; 1 or more works",
    ("model.dim=0",): "model.dim=0: too small; 1 or more works",
    ("image.size=0",): "image.size=0: too small; 1 or more works",
    ("label_smoothing=2",): "label_smoothing=2.0: too large; less than 1 works",
    ("label_smoothing=1.0",): "label_smoothing=1.0: too large; less than 1 works",
    ("seed=18446744073709551616",): "seed=18446744073709551616: too large; less than 18446744073709551616 works",
    ("-m", "seed=0,18446744073709551616"): "seed=18446744073709551616: too large; less than ",
    ("pos=rope", "pos.base=0"): "pos.base=0.0: too small; 1 or more works",
    ("clip=inf",): "clip=inf: not a finite number",
    ("label_smoothing=nan",): "label_smoothing=nan: not a finite number",
    ("pos.std=-inf",): "pos.std=-inf: not a finite number",
    ("optim.betas=[0.9,nan]",): "optim.betas=[0.9, nan]: not a finite number",
    ("patch=5",): "patch=5: no such choice. There are: 1, 2, 4, 7, 14",
    ("patch.size=5",): "patch=5 does not tile 28x28 images; 2, 4, 7, 14 do",
    ("pos=none,learned",): "pos=none,learned asks for several runs: put -m before it",
    ("patch=4,7",): "patch=4,7 asks for several runs: put -m before it",
    ("pos=null",): "pos=null: no such choice. There are: ",
    ("foo=1",): "foo: no such key. There are: ",
    ("+foo=1",): "foo: nothing reads it; model=vit has no part that says ${foo}",
    ("-m", "+foo=1,2"): "foo: nothing reads it; model=vit has no part that says ${foo}",
    ("precision=fp8",): "precision=fp8: not one of auto, fp32, bf16",
    ("seed=-1",): "seed=-1: too small; 0 or more works",
    ("batch=0",): "batch=0: too small; 1 or more works",
    ("image.size=20",): "image.size=20 cannot hold 28x28 images by padding; image.fit=resize can",
    ("sched.warmup=2",): "sched.warmup=2.0: a share of the steps, from 0 to below 1",
    ("aug.pixels=-1",): "aug.pixels=-1: cannot be negative; 0 or more works",
    ("aug=affine", "aug.pixels=-1"): "aug.pixels=-1.0: cannot be negative; 0 or more works",
    ("aug=affine", "aug.degrees=-5"): "aug.degrees=-5.0: too small; 0 or more works",
    ("optim=sgd", "optim.momentum=2"): "optim.momentum=2.0: too large; less than 1 works",
    ("mlp.ratio=0",): "mlp.ratio=0: 0 times 8 is no width; 0.125 or more works",
    ("mlp=swiglu", "mlp.ratio=0.01"): "mlp.ratio=0.01: 0.01 times 8 is no width; 0.125 or more works",
    ("aug=affine", "aug.scale=1.5"): "aug.scale=1.5: from 0 to below 1",
    ("model.heads=3",): "model.heads=3 does not divide model.dim=8; 1, 2, 4, 8 do",
    ("pos=sinusoidal", "model.dim=9", "model.heads=1"): "pos=sinusoidal needs an even model.dim, not 9",
    ("tracker=wandb", "tracker.mode=onlin"): "tracker.mode=onlin",
    ("model=timm",): "model.name: needs a value; give it as model.name=...",
    ("model=timm", "model.name=resnet10t", "pos=none"): "pos: resnet10t has no such part; leave pos out",
    ("model=timm_resnet18", "pos=none"): "pos: nothing reads it; model=timm_resnet18 has no part that says ${pos}",
}

pytestmark = pytest.mark.hydra


@pytest.mark.parametrize(
    ("words", "line"), LINES.items(), ids=lambda x: " ".join(x) if isinstance(x, tuple) else ""
)
def test_one_line_says_what_would_have_worked(train, words, line):
    recipe = ("data=synthetic", "tracker=none") if "model=timm" in words[0] else TINY
    said = train(*words, recipe=recipe)
    assert said.code == 2
    assert said.err.startswith(f"ablate: {line}"), said.err
    assert len(said.err.splitlines()) == 1
    assert list(Path().iterdir()) == [], "a refused command writes nothing"


def test_all_bad_cells_are_told_before_the_first_run(train):
    said = train("-m", "pos=none,lerned", "patch=4,5", "optim.lr=fast,0.1", "patch.size=4,9")
    assert said.code == 2
    assert {line.removeprefix("ablate: ").split(":")[0] for line in said.err.splitlines()} == {
        "pos=lerned",
        "patch=5",
        "optim.lr=fast",
        "patch=9 does not tile 28x28 images; 2, 4, 7, 14 do",
    }
    assert list(Path().iterdir()) == []


def test_an_unknown_key_in_a_yaml_file_is_found(train, tmp_path):
    mine = tmp_path / "mine" / "optim"
    mine.mkdir(parents=True)
    (mine / "typo.yaml").write_text(
        "_target_: ablate.axes.optim.SGD\n_partial_: true\nlr: 0.1\nweight_decay: 0.0\nmomentun: 0.9\n"
    )
    said = train("--config-dir", "mine", "optim=typo")
    assert said.code == 2
    assert said.err == (
        "ablate: optim=typo: ablate.axes.optim.SGD takes no 'momentun'."
        " Did you mean momentum? There are: layer_decay, lr, model, momentum, weight_decay.\n"
    )


def test_a_stray_key_at_the_root_of_a_yaml_file_is_found(train, tmp_path):
    mine = tmp_path / "mine" / "recipe"
    mine.mkdir(parents=True)
    (mine / "typo.yaml").write_text("# @package _global_\nepoch: 3\n")
    said = train("--config-dir", "mine", "recipe=typo")
    assert (said.code, said.err.split(".")[0]) == (2, "ablate: epoch: nothing reads it")
    assert "Did you mean epochs?" in said.err


def test_a_class_that_cannot_be_imported(train, tmp_path):
    mine = tmp_path / "mine" / "pos"
    mine.mkdir(parents=True)
    (mine / "spiral.yaml").write_text("_target_: nowhere.Spiral\n_partial_: true\n")
    said = train("--config-dir", "mine", "pos=spiral")
    assert (said.code, said.err) == (
        2,
        "ablate: pos=spiral: cannot import nowhere.Spiral (No module named 'nowhere')\n",
    )


def test_the_line_names_the_command_that_was_given(monkeypatch):
    for program, told in (
        ("/x/ablate/audit/__main__.py", "ablate.audit"),
        ("ablate cost", "ablate.cost"),
        ("train.py", "ablate.train"),
    ):
        monkeypatch.setattr(sys, "argv", [program])
        with pytest.raises(UserError, match=f"^pos=a,b asks for several runs: .*{told} -m pos=a,b"):
            command.needs_multirun([], ["pos=a,b"])
