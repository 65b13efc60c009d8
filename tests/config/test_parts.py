"""Parts of a user's own: what has no hint is not checked, the rest is, and `_partial_` is told in words."""

from pathlib import Path

import pytest

P = "_partial_: true\n"
NET = (Path(__file__).parents[2] / "conf" / "model" / "vit.yaml").read_text()
FILES = {
    "pos/bare": f"_target_: hinted_parts.Bare\n{P}turn: 0.3\n",
    "pos/method": f"_target_: hinted_parts.Bare.quarter\n{P}turn: 0.3\n",
    "pos/checked": f"_target_: hinted_parts.Checked\n{P}turn: 0.3\ncount: 2\nword: null\nextra: 1.0\n",
    "pos/quoted": f"_target_: hinted_parts.Quoted\n{P}turn: 0.3\nlevel: 1\n",
    "pos/half": f"_target_: hinted_parts.Half\n{P}turn: 0.3\n",
    "pos/made": f"_target_: hinted_parts.made\n{P}turn: 0.3\n",
    "data/quadrants": "_target_: hinted_parts.Quadrants\ntrain: 64\nshade: 0.5\n",
    "model/own": NET.replace("ablate.vit.ViT", "hinted_parts.Own").replace("  dim: ", "  scale: 0.5\n  dim: "),
    "optim/descent": f"_target_: hinted_parts.descent\n{P}lr: 0.1\nweight_decay: 0\nmomentum: 0.9\nstrength: 1\n",
    "sched/ramp": f"_target_: hinted_parts.ramp\n{P}power: 2\n",
    # With a fault each.
    "pos/forgot": "_target_: hinted_parts.Factory\nturn: 0.3\n",
    "optim/forgot": "_target_: ablate.axes.optim.SGD\nlr: 0.1\nweight_decay: 0.0\nmomentum: 0.9\n",
    "model/forgot": NET.replace("  _partial_: true\n", ""),
    "aug/needless": f"_target_: hinted_parts.Jump\n{P}pixels: 1\n",
    "sched/needless": f"_target_: ablate.axes.sched.Cosine\n{P}warmup: 0.1\n",
    "data/needless": f"_target_: hinted_parts.Quadrants\n{P}train: 64\nshade: 0.5\n",
    "aug/short": "_target_: ablate.axes.aug.Affine\ndegrees: 10.0\npixels: 1.0\n",
    "sched/short": "_target_: hinted_parts.ramp\npower: 2\n",
    "pos/broken": f"_target_: broken_module.Spiral\n{P}",
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in FILES.items():
        file = tmp_path / "mine" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "broken_module.py").write_text("class Spiral(:\n")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    return "--config-dir=mine"


@pytest.mark.parametrize(
    "words",
    [
        ("pos=bare", "pos.turn=0.4"),
        ("pos=bare", "pos.turn=far"),
        ("pos=method",),
        ("pos=checked", "pos.turn=0.4"),
        ("pos=quoted", "pos.turn=0.4"),
        ("pos=half",),
        ("pos=made", "pos.turn=1"),
        ("data=quadrants", "data.shade=1"),
        ("model=own", "model.net.scale=2"),
        ("optim=descent", "optim.strength=2"),
        ("sched=ramp", "sched.power=1.5"),
    ],
    ids=" ".join,
)
def test_what_has_no_hint_that_can_be_read_is_not_checked(train, mine, words):
    said = train(mine, *words, "data.train=64")
    assert (said.code, said.err) == (0, "")


LINES = {
    # Hints that can be read count, whatever stands beside them.
    ("pos=checked", "pos.count=two"): "pos.count=two: not an integer",
    ("pos=checked", "pos.word=5"): "pos.word=5: not a word",
    ("pos=quoted", "pos.level=3"): "pos.level=3: not one of 1, 2",
    ("pos=half", "+pos.count=1.5"): "pos.count=1.5: not an integer",
    ("pos=forgot",): "pos=forgot: its file needs the line `_partial_: true`; the model gives hinted_parts.Factory "
    "the rest (dim, prefix, grid)",
    ("optim=forgot",): "optim=forgot: its file needs the line `_partial_: true`; the model gives "
    "ablate.axes.optim.SGD the rest (model)",
    ("model=forgot",): "model=forgot: its file needs the line `_partial_: true`; the model gives ablate.vit.ViT "
    "the rest (image, classes)",
    ("aug=needless",): "aug=needless: take `_partial_: true` out of its file; hinted_parts.Jump is built from its "
    "file alone",
    (
        "sched=needless",
    ): "sched=needless: take `_partial_: true` out of its file; ablate.axes.sched.Cosine is built "
    "from its file alone",
    ("data=needless",): "data=needless: take `_partial_: true` out of its file; hinted_parts.Quadrants is built "
    "from its file alone",
    ("aug=short",): "aug=short: ablate.axes.aug.Affine needs scale in its file too",
    ("pos=broken",): "pos=broken: cannot import broken_module.Spiral (SyntaxError: ",
}


@pytest.mark.parametrize(
    ("words", "line"), LINES.items(), ids=lambda x: " ".join(x) if isinstance(x, tuple) else ""
)
def test_one_line_says_what_would_work(train, mine, words, line):
    said = train(mine, *words)
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert said.err.startswith(f"ablate: {line}"), said.err


def test_a_function_that_is_the_part_itself_may_need_partial(train, mine):
    line = "sched=short: hinted_parts.ramp needs step, steps in its file too, or `_partial_: true` there "
    line += "if it is given them when it is called\n"
    said = train(mine, "sched=short")
    assert (said.code, said.err) == (2, f"ablate: {line}")
