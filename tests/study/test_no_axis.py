"""Several values of a key that is no part of what a run is: a forgotten bracket, never an axis."""

from pathlib import Path

import pytest

from ablate.config.words import NO_AXIS
from ablate.records.record import NOT_IDENTITY

LINES = {
    "sweep.zip=patch,model.dim": "axes that move together stand in brackets: 'sweep.zip=[patch,model.dim]'",
    "sweep.tune=lr,weight_decay": (
        "each key that is tuned has its values in brackets: "
        "'sweep.tune={optim.lr:[0.002,0.004,0.008],optim.weight_decay:[0.025,0.05,0.1]}'"
    ),
    "sweep.seeds=range(3)": "sweep.seeds is a number, as in sweep.seeds=3; seeds by name: 'seed=range(3)'",
    "sweep.seeds=0,1": "sweep.seeds is a number, as in sweep.seeds=2; seeds by name: seed=0,1",
    "sweep.fresh=true,false": "name one value: sweep.fresh=true",
    "sweep.design=full,fraction": "name one value: sweep.design=full",
    "tracker=none,wandb": "name one value: tracker=none",
    "tracker.mode=online,offline": "name one value: tracker.mode=online",
    "device=cpu,auto": "name one value: device=cpu",
    "name=a,b": "name one value: name=a",
    "data.root=a,b": "name one value: data.root=a",
    "+study=main,other": "a command has one study: +study=main",
    "hydra.job.chdir=true,false": "a setting of Hydra's is no axis; name one value of hydra.job.chdir",
    "hydra/launcher=basic,processes": "a setting of Hydra's is no axis; name one value of hydra/launcher",
}


@pytest.mark.parametrize("flags", [("-m",), ()], ids=["with -m", "without"])
@pytest.mark.parametrize("word", LINES)
def test_the_line_says_what_works(train, word, flags):
    said = train(*flags, "patch=4", "model.dim=8", word)
    assert (said.code, len(said.err.splitlines())) == (2, 1), said.err
    assert said.err.startswith(f"ablate: {word}: ")
    assert said.err.endswith(f"{LINES[word]}\n"), said.err
    assert not Path("runs").exists()


def test_also_in_a_committed_study(train):
    Path("mine/study").mkdir(parents=True)
    Path("mine/study/mine.yaml").write_text(
        "# @package _global_\nhydra:\n  sweeper:\n    params:\n      pos: none,rope\n      sweep.zip: pos,patch\n"
    )
    said = train("--config-dir=mine", "+study=mine")
    assert (said.code, said.err.split(": ", 2)[1]) == (2, "sweep.zip=pos,patch")


def test_every_key_that_is_no_identity_is_no_axis():
    assert set(NOT_IDENTITY) | {"study", "hydra"} == {*NO_AXIS, "init.path"}  # weights are known by their content


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sweep.seeds=0",), "sweep.seeds=0: too small; 1 or more works"),
        (("sweep.seeds=-2",), "sweep.seeds=-2: too small; 1 or more works"),
        (("-m", "seed=range(0)"), "seed=range(0): holds no value; seed=range(5) are five"),
        (("-m", "seed=range(5,0)"), "seed=range(5,0): holds no value"),
        (("-m", "seed=range(0,5,0)"), "seed=range(0,5,0): no range of numbers"),
        (("-m", "seed=glob(*)"), "seed=glob(*): holds no value"),
        (("-m", "pos=glob(zz*)"), "pos=glob(zz*): matches no choice. There are: learned, none, "),
        (("-m", "seed=range(1000000000000)"), "seed=range(1000000000000): more than 100,000 values"),
        (("-m", "patch=range(1,1000000000)"), "patch=range(1,1000000000): more than 100,000 values"),
        (("-m", "seed=range(1000)", "epochs=range(1,1001)"), "1,000,000 runs are asked for; a study has 100,000"),
        (
            ("sweep.tune=[lr]",),
            "sweep.tune=[lr]: a key that is tuned needs values: 'sweep.tune={optim.lr:[0.",
        ),
        (("sweep.seeds=1000000000",), "1,000,000,000 runs are asked for; a study has 100,000 at most"),
        (
            ("sweep.seeds=auto", "sweep.seeds_max=1000000000"),
            "1,000,000,000 runs are asked for; a study has 100,000",
        ),
        (("sweep.seeds=60000", "-m", "pos=none,rope"), "120,000 runs are asked for; a study has 100,000 at most"),
        (("sweep.tune_seeds=1000000000",), "sweep.tune_seeds=1000000000: too large; less than 10001 works"),
        (("sweep.zip=pos",), "sweep.zip=pos: not a list as in [a,b] or null"),
        (("sweep=null",), "sweep=null: holds keys of its own, and no value. There are: sweep.fresh, "),
        (("name=2024",), "name=2024: not a word; with quotes it is one: 'name=\"2024\"'"),
        (("name=true",), "name=True: not a word; with quotes it is one: 'name=\"true\"'"),
        (("name=[abc]",), "name=['abc']: not a word; with quotes it is one: 'name=\"[abc]\"'"),
        (("name=..",), "name=..: not a folder of its own in runs/; name=main is one"),
        (("name=a/../../b",), "name=a/../../b: not a folder of its own in runs/"),
        (
            ("name=" + 300 * "a",),
            f"name={60 * 'a'}...: a name of 300 letters; 200 make a folder. Give a shorter one",
        ),
    ],
    ids=lambda x: " ".join(x)[:40] if isinstance(x, tuple) else "",
)
def test_what_no_study_can_be(train, words, told):
    said = train(*words)
    assert (said.code, len(said.err.splitlines())) == (2, 1), said.err
    assert said.err.startswith(f"ablate: {told}"), said.err
    assert not Path("runs").exists()


def test_a_name_of_swept_axes_that_is_too_long(train):
    long = "x" * 210
    said = train("-m", f"+model.{long}=1,2")
    assert said.code == 2
    assert (
        "the swept axes make a name of 216 letters; 200 make a folder. Give a shorter one with name=..."
        in said.err
    )


@pytest.mark.parametrize("word", ["name='2024'", 'name="2024"'])
def test_a_number_in_quotes_is_a_name(train, word):
    assert train(word).code == 0
    assert Path("runs/2024/study.json").is_file()


@pytest.mark.slow
def test_what_is_proposed_works(train):
    words = ("-m", "patch=4,7", "model.dim=8,16")
    assert train(*words, "sweep.zip=[patch,model.dim]").code == 0
    tuned = train("sweep.tune={optim.lr:[0.002,0.004],optim.weight_decay:[0.025,0.05]}", "sweep.tune_seeds=1")
    assert tuned.code == 0, tuned.err
