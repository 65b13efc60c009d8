"""What a cell costs: counted by formula as torch counts it, measured in a process of its own, told and kept."""

import csv
import json
import math
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from test_choices import BUILT, CONF, MODEL_AXES, configured, needs_a_name, words
from tiny import TINY
from torch import nn

from ablate.cost import activations, flops, isolate, numbers, stages
from ablate.train import build, count

CROSSED = [
    ("attn", choice, extra)
    for choice in ("full", "linear", "window", "axial")
    for extra in ("tokens=merge", "tokens=drop", "pool=cls", "pool=map", "model.registers=2")
]


@pytest.mark.parametrize(
    ("axis", "choice", "extra"), [*((a, c, None) for a, c in BUILT), *CROSSED], ids=lambda x: str(x or "")
)
def test_formulas_give_what_torch_counts(axis, choice, extra):
    config, _, _ = configured(*words(axis, choice), *needs_a_name(axis, choice), *([extra] if extra else []))
    image = (3 if choice == "rgb" else 1, 28, 28)
    factory = build.factory(config, image, 4)
    counted, (forward, training) = count.count(factory, image), flops.by_part(factory, image)
    assert sum(forward.values()) == counted.flops_per_image > 0
    assert sum(training.values()) == counted.train_flops_per_image
    named = {"patch", "attention", "mixing", "mlp", "tokens", "pool", "head", axis}
    assert set(forward) <= named or axis == "model"


def test_every_choice_of_the_model_is_among_them():
    assert len(BUILT) == sum(len(list(CONF.glob(f"{axis}/*.yaml"))) for axis in MODEL_AXES) >= 34


def test_kept_bytes_of_a_layer_known_by_hand():
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 2))
    # The input of each linear map and of the GELU: 16, 8 and 8 numbers of 4 bytes.
    assert activations.bytes_per_image(model, (1, 4, 4), "fp32") == 4 * (16 + 8 + 8)


def test_an_exponent_is_found_again():
    tokens = [4, 16, 49, 196, 784]
    k = numbers.exponent(tokens, [1e-6 * n**1.7 for n in tokens])
    assert (round(k.value, 6), round(k.last, 6), k.least, k.most, k.cells) == (1.7, 1.7, 4, 784, 5)
    assert k.low <= k.value <= k.high
    assert numbers.exponent([4, 16, 16], [1.0, 2.0, 2.1]) is None


def test_the_interval_of_a_mean_is_students():
    found = numbers.mean([1.0, 2.0, 3.0])
    assert found.value == 2
    assert math.isclose(found.half, 4.302652729696142 / math.sqrt(3))
    assert numbers.mean([5.0]) == numbers.Mean(5.0, None, 1)


@pytest.fixture
def run_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*given: str, recipe: tuple[str, ...] = TINY) -> tuple[int, str, str]:
        names = {word.split("=")[0] for word in given}
        rest = [word for word in recipe if word.split("=")[0] not in names]
        monkeypatch.setattr(sys, "argv", ["ablate.cost", *given, *rest])
        monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
        with pytest.raises(SystemExit) as end:
            stages.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return call


@pytest.mark.slow
def test_counted_only(run_cost):
    code, out, err = run_cost("-m", "patch=4,7,14", "attn=full,window,linear", "--no-measure")
    assert code == 0, err
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    assert "nothing was measured" in out
    folder = Path("cost/attn-patch")
    assert {f.name for f in folder.iterdir()} == {"cost.json", "cost.csv", "cost.svg", "cost.png"}
    rows = list(csv.DictReader((folder / "cost.csv").read_text().splitlines()))
    assert len(rows) == 9
    assert {row["tokens_per_image"] for row in rows} == {"49", "16", "4"}
    assert {row["images_per_s"] for row in rows} == {""}
    kept = json.loads((folder / "cost.json").read_text())
    for cell in kept["cells"]:
        assert sum(cell["forward_by_part"].values()) == cell["forward"]


def test_the_cells_of_a_design_and_no_others(run_cost):
    words = ("-m", "patch=4,7", "model.dim=8,16", "sweep.zip=[patch,model.dim]", "--no-measure")
    code, _, err = run_cost(*words)
    assert code == 0, err
    kept = json.loads(Path("cost/model.dim-patch/cost.json").read_text())
    assert [cell["cell"] for cell in kept["cells"]] == [
        {"model.dim": "8", "patch": "4"},
        {"model.dim": "16", "patch": "7"},
    ]


@pytest.mark.slow
def test_ours_and_timms_stand_in_one_table(run_cost):
    code, out, err = run_cost("-m", "model=vit,timm_vit_tiny,timm_resnet18", "--no-measure", recipe=TINY[:3])
    assert code == 0, err
    assert re.search(r"^timm_vit_tiny +49 +5\.\d+M ", out, re.M), out
    assert re.search(r"^timm_resnet18 +– +11\.\dM ", out, re.M), out


def test_a_cell_that_equals_another_is_named(run_cost, tmp_path):
    (tmp_path / "mine/pos").mkdir(parents=True)
    (tmp_path / "mine/pos/nothing.yaml").write_text("_target_: ablate.axes.pos.NoPos\n_partial_: true\n")
    code, out, err = run_cost("--config-dir=mine", "-m", "pos=none,learned,nothing", "--no-measure")
    assert code == 0, err
    assert out.startswith("pos=nothing is the same as pos=none\n")


@pytest.mark.slow
def test_flops_that_cannot_be_counted_are_not_known(run_cost, tmp_path):
    file = tmp_path / "mine" / "pos" / "listed.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("_target_: odd_parts.Listed\n_partial_: true\n")
    code, out, err = run_cost("--config-dir=mine", "-m", "pos=none,listed", "--no-measure")
    assert code == 0, err
    assert re.search(r"^listed +49 +1\.07k +– +– ", out, re.M), out
    cells = json.loads(Path("cost/pos/cost.json").read_text())["cells"]
    assert [cell["forward"] is None for cell in cells] == [False, True]
    assert run_cost("--config-dir=mine", "pos=listed", "--no-measure")[0] == 0, "and where none is known"


@pytest.mark.slow
def test_a_cell_is_measured_in_processes_of_its_own(run_cost):
    code, out, err = run_cost("patch=7", "batch=8", "--processes", "2", "--seconds", "0.01", "--out", "here")
    assert code == 0, out + err
    assert out.startswith("patch=7 batch=8 data=synthetic "), "a lone cell is named by the words of its command"
    assert re.search(r"tokens 16 .* images/s [\d,.]+ ± [\d,.]+ peak MB [\d.]+ ± ", " ".join(out.split())), out
    told = " ".join(out.split())
    assert "mean ± 95 % interval over 2 processes of 0.01 s each, warm-up left out" in told
    (cell,) = json.loads(Path("here/cost.json").read_text())["cells"]
    assert cell["speed"]["n"] == 2
    assert all(one["images_per_s"] > 0 and one["steps"] >= 3 for one in cell["measured"])
    if sys.platform == "linux" and not torch.cuda.is_available():
        assert "peak: resident set above what it was before the model" in told
        assert 0 < cell["peak"]["value"] < 1e9


@pytest.mark.slow
def test_a_cell_that_dies_is_told_and_the_others_go_on(run_cost, monkeypatch):
    real = isolate.alone
    fatal = {"error": "killed by signal 9"}
    monkeypatch.setattr(isolate, "alone", lambda c, s: fatal if c["patch"]["size"] == 4 else real(c, s))
    code, out, _ = run_cost("-m", "patch=4,7", "batch=8", "--processes", "1", "--seconds", "0.01")
    assert code == 3
    assert "failed: patch=4: killed by signal 9" in out
    assert re.search(r"^7 +16 ", out, re.M)
    assert "1 process, so no interval" in " ".join(out.split())


def test_why_a_process_ended(tmp_path, monkeypatch):
    script = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(script))
    for line, error in {
        "kill -9 $$": "killed by signal 9 (9: mostly too little memory; a smaller batch= helps)",
        "echo first >&2; echo ValueError: last >&2; exit 1": "ValueError: last",
        "exit 4": "exit 4",
    }.items():
        script.write_text(f"#!/bin/sh\ncat > /dev/null\n{line}\n")
        os.chmod(script, 0o755)
        assert isolate.alone({}, 0.1) == {"error": error}


def test_products_of_a_strangers_part_are_counted(run_cost, tmp_path):
    (tmp_path / "mine/attn").mkdir(parents=True)
    (tmp_path / "mine/attn/own.yaml").write_text(
        "_target_: plants.OwnAttention\n_partial_: true\nheads: ${model.heads}\n"
    )
    code, out, err = run_cost("--config-dir", "mine", "-m", "attn=full,own", "--no-measure")
    assert code == 0, err
    assert "elsewhere" in out
    kept = json.loads(Path("cost/attn/cost.json").read_text())["cells"]
    assert kept[0]["forward"] == kept[1]["forward"]
    assert kept[1]["forward_by_part"]["elsewhere"] == kept[0]["forward_by_part"]["mixing"]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("patch=5",), "ablate: patch=5: no such choice. There are: "),
        (("--processes", "0"), "ablate: argument --processes: 0: not a number of processes; 1 or more works"),
        (("patch=4,7",), "ablate: patch=4,7 asks for several runs: put -m before it"),
    ],
)
def test_wrong_input_is_one_line(run_cost, given, line):
    code, out, err = run_cost(*given)
    assert (code, out) == (2, "")
    assert err.startswith(line)
    assert len(err.splitlines()) == 1
    assert list(Path().iterdir()) == []
