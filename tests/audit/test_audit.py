"""Arms that are dead, confounded or not what they say are found before training; sound ones are left alone."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from tiny import TINY

import ablate.axes.pos
from ablate import CONF
from ablate.audit import audit, clean
from ablate.audit.__main__ import main
from ablate.audit.built import Built
from ablate.audit.promises import CLAIMS
from ablate.audit.wiring import Wiring
from ablate.config.hydra_versions import VERSION_BASE
from ablate.study.runs import Run, compose_all
from ablate.train.experiment import VisionTransformer

LEARNED = (CONF / "pos" / "learned.yaml").read_text()
PLANTED = {
    "pos/renamed": "_target_: plants.Renamed\n_partial_: true\n",
    "pos/again": LEARNED,
    "pos/unturned": "_target_: plants.Unturned\n_partial_: true\nheads: ${model.heads}\nbase: 100.0\n",
    "pos/nocls": "_target_: plants.NoCls\n_partial_: true\n",
    "pos/spare": "_target_: plants.Spare\n_partial_: true\nstd: 0.02\n",
    "mlp/wide": "_target_: plants.Wide\n_partial_: true\nratio: 4.0\n",
    "aug/dice": "_target_: plants.OwnDice\n",
    "sched/wide": "# @package _global_\nmodel:\n  dim: 12\n"
    "sched:\n  _target_: ablate.axes.sched.Cosine\n  warmup: 0.1\n",
    "sched/greedy": "# @package _global_\ndefaults:\n  - override /mlp: swiglu\n"
    "sched:\n  _target_: ablate.axes.sched.Cosine\n  warmup: 0.1\n",
    "act/relu": "kind: relu\n",
    "act/gelu": "kind: gelu\n",
    "mlp/chosen": "_target_: plants.Chosen\n_partial_: true\nratio: 4.0\nact: ${act.kind}\n",
    "pos/void": "_target_: odd_parts.Void\n_partial_: true\nnumber: 'nan'\n",
    "pos/endless": "_target_: odd_parts.Void\n_partial_: true\nnumber: 'inf'\n",
    "sched/short": "_target_: odd_parts.Short\n",
    "model/plain": "dim: 8\nheads: 2\nnet:\n  _target_: plants.Plain\n  _partial_: true\n  dim: ${model.dim}\n",
}


class Said(NamedTuple):
    code: int
    out: str
    err: str

    def faults(self) -> list[str]:
        return [line.removeprefix("fault: ") for line in self.out.splitlines() if line.startswith("fault: ")]


@pytest.fixture
def run_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., Said]:
    """Runs `python -m ablate.audit WORDS` with the planted choices in a fresh folder."""
    for name, text in PLANTED.items():
        file = tmp_path / "mine" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str, recipe: tuple[str, ...] = TINY) -> Said:
        given = {word.split("=")[0] for word in words}
        tiny = [word for word in recipe if word.split("=")[0] not in given]
        monkeypatch.setattr(sys, "argv", ["ablate.audit", "--config-dir", "mine", *words, *tiny])
        monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert [f.name for f in tmp_path.iterdir()] == ["mine"], "nothing is trained, nothing written"
        return Said(int(end.value.code or 0), said.out, said.err)

    return call


def composed(**axes: list[str]) -> list[Run]:
    """The grid of some axes, on the tiny recipe."""
    grid: list[list[str]] = [[*TINY]]
    for axis, choices in axes.items():
        grid = [[*words, f"{axis}='{choice}'"] for words in grid for choice in choices]
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        loader = GlobalHydra.instance().config_loader()
        load: Any = lambda words: loader.load_configuration("config", words, run_mode=RunMode.RUN)  # noqa: E731
        runs, problems = compose_all(grid, list(axes), load, VisionTransformer())
    assert not problems
    return runs


@pytest.mark.slow
def test_the_main_job_is_sound(run_audit):
    said = run_audit("-m", "pos=none,learned,sinusoidal", "pool=cls,mean", "patch=4,7")
    assert (said.code, said.faults()) == (0, []), said.err
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r"^pos=none,sinusoidal +function, 0\.\d+ +yes +4$", said.out, re.M)
    assert re.search(r"^pos=none +blind to the order of patches +19 of 19$", said.out, re.M), said.out
    assert "paired: same seeds, same order of the images, same augmentation in all arms" in lines
    assert lines[-1] == "12 cells built, none trained: no fault"


SWEEPS = {
    axis: sorted(choice for a, choice in CLAIMS if a == axis) for axis in dict.fromkeys(a for a, _ in CLAIMS)
}


@pytest.mark.parametrize("axis", SWEEPS)
def test_every_choice_that_promises_something_keeps_it(run_audit, axis):
    said = run_audit("-m", f"{axis}={','.join(SWEEPS[axis])}", "model.depth=2", "patch=4", "model.registers=1")
    assert (said.code, said.faults()) == (0, []), said.out + said.err


def test_the_promises_are_those_of_the_choices_that_exist():
    assert len(CLAIMS) >= 24
    for axis, choice in CLAIMS:
        assert (CONF / axis / f"{choice}.yaml").is_file()


def test_arms_are_compared_alone_also_where_a_design_leaves_such_cells_out(run_audit):
    said = run_audit("-m", "pos=none,learned", "pool=cls,mean", "patch=4,7", "sweep.design=fraction")
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "8 cells built, none trained: no fault"


@pytest.mark.slow
def test_timms_arms_keep_their_promises(run_audit):
    said = run_audit(
        "-m", "model=timm_vit_tiny", "pos=none,learned", "pool=cls,mean,max", "patch=14", recipe=TINY[:3]
    )
    assert (said.code, said.faults()) == (0, []), said.out + said.err
    assert re.search(r"^pos=none +blind to the order of patches", said.out, re.M)


def test_an_arm_that_is_another_under_a_new_name_is_dead(run_audit):
    said = run_audit("-m", "pos=learned,renamed,none,unturned,again")
    assert said.code == 3
    assert said.faults() == [
        "pos=again is dead: its configuration is exactly that of pos=learned",
        "one of pos=learned and pos=renamed is dead: nothing differs between them",
        "one of pos=none and pos=unturned is dead: nothing differs between them",
    ]


def test_a_none_that_drops_cls_is_found_by_its_tokens(run_audit):
    said = run_audit("-m", "pos=learned,nocls", "pool=cls")
    assert said.code == 3
    assert said.faults() == [
        "pos=learned and pos=nocls differ in more than their axis: tokens 50 -> 49",
        "pos=nocls has a weight without gradient: pool.token",
    ]


def test_a_none_that_drops_cls_is_found_by_its_name(run_audit, monkeypatch):
    monkeypatch.setattr(ablate.axes.pos.NoPos, "forward", lambda self, x: x[:, 1:])
    said = run_audit("-m", "pos=none,learned", "pool=cls,mean")
    assert said.code == 3
    assert "pos=none is not what it says: 50 tokens go in, 49 come out (pool=cls)" in said.faults()
    assert "pool=cls is not what it says: has 0 tokens of its own in the blocks, not 1 (pos=none)" in said.faults()


def test_a_sinusoidal_that_is_learned_is_found(run_audit, monkeypatch):
    import plants

    monkeypatch.setattr(ablate.axes.pos, "Sinusoidal", plants.LearnedSines)
    said = run_audit("-m", "pos=learned,sinusoidal")
    assert said.code == 3
    assert said.faults() == ["pos=sinusoidal is not what it says: is learned: it has weights"]


def test_a_none_that_tells_places_apart_is_found(run_audit, monkeypatch):
    monkeypatch.setattr(ablate.axes.pos.NoPos, "forward", lambda self, x: x + x.new_ones(x.shape[1:]).cumsum(0))
    said = run_audit("pos=none")
    assert said.code == 3
    assert said.faults() == ["pos=none is not what it says: tells places apart"]


def test_a_choice_that_changes_the_width_is_confounded(run_audit):
    said = run_audit("-m", "sched=cosine,wide", recipe=(*TINY[:3], "model.depth=1"))
    assert said.code == 3
    found = said.faults()
    assert "sched=cosine and sched=wide differ in more than their axis: model.dim 64 -> 12" in found
    assert "sched=cosine and sched=wide differ in more than their axis: width 64 -> 12" in found


def test_a_part_that_is_wider_inside_and_does_not_say_so_is_confounded(run_audit):
    said = run_audit("-m", "mlp=gelu,wide")
    assert said.code == 3
    (fault,) = said.faults()
    what = "blocks.0.mlp.up.weight (32, 8) -> (64, 8), and 2 more"
    assert fault == f"mlp=gelu and mlp=wide differ in more than their axis: {what}"


def test_a_number_that_says_so_may_change_the_width(run_audit):
    assert run_audit("-m", "mlp.ratio=2.0,8.0").faults() == []
    assert run_audit("-m", "model.dim=8,16").faults() == []


def test_a_choice_that_switches_another_group_is_confounded(run_audit):
    said = run_audit("-m", "sched=cosine,greedy")
    assert said.code == 3
    assert said.faults()[0] == "sched=cosine and sched=greedy differ in more than their axis: mlp gelu -> swiglu"


def test_a_key_that_is_tied_to_the_arm_is_confounded(run_audit):
    said = run_audit("-m", "patch=4,7", "epochs=${patch.size}")
    assert said.code == 3
    assert said.faults() == ["patch=4 and patch=7 differ in more than their axis: epochs 4 -> 7"]


def test_a_weight_without_gradient_is_named(run_audit):
    said = run_audit("-m", "pos=learned,spare")
    assert said.code == 3
    assert said.faults() == ["pos=spare has a weight without gradient: pos.spare"]


def test_augmentation_with_dice_of_its_own_breaks_the_pairs(run_audit):
    said = run_audit("-m", "aug=shift,dice")
    assert said.code == 3
    assert said.faults() == ["aug=dice ignores the generator that it is given, so no two arms see the same images"]
    assert "paired:" not in said.out


def test_arms_of_a_strangers_axis_are_compared(run_audit):
    said = run_audit("-m", "+act=relu,gelu", "mlp=chosen")
    assert (said.code, said.faults()) == (0, []), said.err
    assert re.search(r"^act=relu,gelu +function, ", said.out, re.M)


def test_a_strangers_model_without_blocks_is_audited(run_audit):
    said = run_audit("-m", "model=vit,plain", recipe=TINY[:3])
    assert (said.code, said.faults()) == (0, []), said.err


def row(said: Said, arm: str) -> str:
    """A row of a table, its spaces one each and its folded lines put together."""
    found = re.search(rf"^{re.escape(arm)} .*(\n  +.*)*", said.out, re.M)
    assert found, said.out
    return " ".join(found[0].split())


def test_a_plain_model_keeps_no_promise_of_parts_that_it_does_not_have(run_audit):
    said = run_audit("model=plain", recipe=TINY[:3])
    assert (said.code, said.faults()) == (0, []), said.err
    for arm in ("pos=learned", "pool=mean", "attn=full", "tokens=all", "norm=layernorm", "mlp=gelu", "patch=4"):
        assert re.match(rf"{arm} – \(the model has no (part|list)", row(said, arm)), row(said, arm)
    for words in ("sees the order", "every token sees every token", "average of", "each token"):
        assert words not in said.out
    assert row(said, "color=gray").startswith("color=gray one channel, the luma")
    assert row(said, "optim=adamw").startswith("optim=adamw – 4 of 4"), "no promise, and no reason"


def test_an_exception_inside_a_check_is_its_reason_and_never_holds(run_audit, monkeypatch):
    def broken(cell):
        raise AttributeError("no such thing")

    monkeypatch.setattr("ablate.audit.promises_rest.reach", broken)
    said = run_audit("-m", "attn=full,linear")
    assert (said.code, said.faults()) == (0, []), said.err
    assert row(said, "attn=full").startswith("attn=full – (AttributeError: no such thing)")


@pytest.mark.slow
def test_what_is_asked_in_some_cells_only_says_so(run_audit):
    said = run_audit("-m", "tokens=all,merge", "model.depth=2")
    assert "(asked in" not in said.out
    said = run_audit("-m", "pool=mean,max", "tokens=all,merge", "model.depth=2")
    assert row(said, "pool=mean").startswith("pool=mean the average of the patches (asked in 1 of 2 cells)")


def test_numbers_that_are_not_finite_are_no_sign_of_a_dead_arm(run_audit):
    said = run_audit("-m", "pos=none,void,endless")
    assert (said.code, said.faults()) == (0, []), said.out + said.err
    assert "– (its numbers are not finite)" in row(said, "pos=void,endless")
    assert "not asked whether the weights of pos=void are trained: its loss is not finite" in said.out
    said = run_audit("-m", "optim=sgd", "optim.lr=1e38,2e38")
    assert (said.code, said.faults()) == (0, []), said.out + said.err
    assert "– (its numbers are not finite)" in row(said, "optim.lr=1e+38,2e+38")


def test_what_an_arm_cannot_be_asked_is_a_dash_and_the_others_are(run_audit):
    said = run_audit("-m", "sched=cosine,constant,short")
    assert (said.code, said.faults()) == (0, []), said.out + said.err
    assert row(said, "sched=cosine,constant").startswith("sched=cosine,constant schedule yes")
    assert "– (LookupError: only fifty steps are known)" in row(said, "sched=cosine,short")


@pytest.mark.slow
def test_an_optimiser_knob_is_alive_and_a_number_format_that_auto_takes_is_dead(run_audit):
    said = run_audit("-m", "optim.weight_decay=0.0,0.05", "clip=0.0,1.0")
    assert (said.code, said.faults()) == (0, []), said.err
    assert re.search(r"^clip=0.0,1.0 +clip, read by the loop", said.out, re.M)
    dead = run_audit("-m", "precision=auto,fp32,bf16")
    assert dead.code == 3
    (fault,) = dead.faults()
    assert re.fullmatch(
        r"one of precision=auto and precision=(fp32|bf16) is dead: nothing differs between them", fault
    )


def test_a_window_as_large_as_the_grid_is_told(run_audit):
    said = run_audit("-m", "attn=full,window", "patch=14")
    assert said.code == 3
    assert "one of attn=full and attn=window is dead: nothing differs between them" in said.faults()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("-m", "pos=lerned,none"), "ablate: pos=lerned: no such choice. Did you mean learned? There are: "),
        (("-m", "patch.size=4,5"), "ablate: patch=5 does not tile 28x28 images; 2, 4, 7, 14 do"),
        (("pos=none,learned",), "ablate: pos=none,learned asks for several runs: put -m before it"),
    ],
)
def test_wrong_input_is_one_line(run_audit, words, line):
    said = run_audit(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(line)
    assert len(said.err.splitlines()) == 1


def test_arms_that_take_the_images_in_another_order_are_told(run_audit, monkeypatch):
    numbers = iter(range(100))
    monkeypatch.setattr(
        "ablate.train.build.on_cpu", lambda seed, purpose: torch.Generator().manual_seed(next(numbers))
    )
    said = run_audit("-m", "pos=none,learned")
    assert said.code == 3
    assert said.faults() == ["pos=learned sees the images in another order"]


def test_arms_with_different_seeds_cannot_be_paired():
    from ablate.audit.arms import arms
    from ablate.audit.paired import seed_faults

    runs = composed(pos=["none", "learned"])
    lucky = [*runs, Run(**{**vars(runs[0]), "seed": 1, "id": "x"})]
    assert seed_faults(runs, arms(runs)) == []
    assert seed_faults(lucky, arms(lucky)) == [
        "pos: its arms have different seeds (pos=none has 0, 1; pos=learned has 0)"
    ]


def test_shared_weights_that_start_elsewhere_are_confounded():
    a, b = (Built(run) for run in composed(pos=["none", "learned"]))
    assert list(clean.faults("pos", a, b)) == []
    with torch.no_grad():
        b.model.head.weight.add_(1)
    assert list(clean.faults("pos", a, b)) == ["head.weight starts from other numbers"]


def test_wiring_tells_copies_from_strangers():
    a = {"pos": {"_target_": "A", "n": 1}, "model": {"net": {"pos": {"_target_": "A", "n": 1}}}, "lr": 1}
    b = {"pos": {"_target_": "B", "n": 2}, "model": {"net": {"pos": {"_target_": "B", "n": 2}}}, "lr": 2}
    wiring = Wiring("pos", a, b)
    assert wiring.own == ["pos._target_", "pos.n"]
    assert wiring.wired == ["model.net.pos._target_", "model.net.pos.n"]
    assert wiring.strange == [("lr", 1, 2)]
    assert wiring.targets() == {"A", "B"}


def test_the_cheap_part_is_quiet_on_a_sound_study_and_quick():
    runs = composed(pos=["none", "learned"], patch=["4", "7"])
    assert audit.warnings(runs) == []
    began = time.perf_counter()
    audit.warnings(runs)
    assert time.perf_counter() - began < 2  # 0.2 s on the machine where it was written


def test_the_cheap_part_names_a_dead_arm(monkeypatch):
    runs = composed(pos=["none", "rope"], patch=["4", "7"])
    monkeypatch.setattr(ablate.axes.pos.Rope, "rotate", lambda self, q, k, place: (q, k))
    assert audit.warnings(runs) == ["one of pos=none and pos=rope is dead: nothing differs between them (patch=4)"]


def test_the_cheap_part_builds_few_cells(monkeypatch):
    built = []
    monkeypatch.setattr(
        Built,
        "__init__",
        lambda self, run: built.append(run.cell) or vars(self).update(run=run, config=run.config),
    )
    audit.warnings(composed(pos=["none", "learned", "rope"], patch=["4", "7"]))
    assert len(built) == 4  # of 6: one, and each other arm beside it


def test_the_cheap_part_knows_the_size_of_a_model_without_building_it(monkeypatch):
    runs = composed(pos=["none", "learned"])
    built = [sum(p.numel() for p in Built(run).model.parameters()) for run in runs]
    monkeypatch.setattr(audit, "LARGE", 10)
    monkeypatch.setattr("ablate.train.weights.by_name", lambda *_: pytest.fail("a large model is built"))
    assert audit.warnings(runs) == []
    assert [Built(run).size for run in runs] == built


def test_the_cheap_part_says_what_it_could_not_ask(train, tmp_path):
    file = tmp_path / "mine" / "sched" / "short.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("_target_: odd_parts.Short\n")
    said = train("-m", "--config-dir=mine", "sched=constant,short")
    why = "(LookupError: only fifty steps are known)"
    line = f"audit: sched=constant and sched=short: not asked whether they differ {why}"
    assert (said.code, line in said.out.splitlines()) == (0, True), said.out


def test_the_cheap_part_leaves_large_models_and_finished_runs_alone(monkeypatch):
    runs = composed(pos=["none", "rope"])
    monkeypatch.setattr(ablate.axes.pos.Rope, "rotate", lambda self, q, k, place: (q, k))
    monkeypatch.setattr(audit, "LARGE", 10)
    assert audit.warnings(runs) == []
    assert audit.warnings([Run(**{**vars(run), "config": {}}) for run in runs]) == []
