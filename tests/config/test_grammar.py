"""Words that Hydra's grammar refuses: one line names the word, and gives it as it works."""

import shlex
from pathlib import Path

import pytest

from ablate.config import grammar

TORN = {
    ("pos=none,", "learned"): "pos=none,learned",
    ("pos", "=", "none"): "pos=none",
    ("pos=", "none"): "pos=none",
    ("pos=none", ",learned"): "pos=none,learned",
    ("pos=none", ",", "learned"): "pos=none,learned",
    ("seed=range(0,", "5)"): "seed=range(0,5)",
    ("sweep.zip=[patch,", "model.dim]"): "sweep.zip=[patch,model.dim]",
    ("sweep.tune={lr:", "[1e-3,", "4e-3]}"): "sweep.tune={lr:[1e-3,4e-3]}",
}
ALONE = {
    "pos=none,": "pos=none",
    "pos=,none": "pos=none",
    "pos=none,,learned": "pos=none,learned",
    "pos=none;learned": "pos=none,learned",
    "pos==none": "pos=none",
    "pos:none": "pos=none",
    "seed=range(5": "seed=range(5)",
    "sweep.zip=[patch,model.dim": "sweep.zip=[patch,model.dim]",
    "data.root=~/x": 'data.root="~/x"',
    "name=größe": 'name="größe"',
    "x=a=b": 'x="a=b"',
    "name=it's": 'name="it\'s"',
    "name=a(b": 'name="a(b"',
}


@pytest.mark.parametrize(("words", "fixed"), TORN.items(), ids=" ".join)
def test_words_torn_by_spaces_are_given_in_one_piece(words, fixed):
    (line,) = grammar.unread(["epochs=1", *words, "batch=2"])
    assert line.startswith(f"{' '.join(words)}: ")
    assert shlex.split(line.split(": ")[-1]) == [fixed] or line.endswith(shlex.quote(fixed))
    assert grammar.parsed(fixed)


@pytest.mark.parametrize(("word", "fixed"), ALONE.items())
def test_a_word_is_given_as_it_can_be_read(word, fixed):
    (line,) = grammar.unread([word])
    assert line == f"{word}: cannot be read; type {shlex.quote(fixed)}"
    assert grammar.unread([fixed]) == []


@pytest.mark.parametrize("value", ["größe", "a=b", "~/x", "it's", 'say "x"', "a b", "c:\\x", "#1", "x&y"])
def test_what_is_proposed_means_what_was_typed(value):
    (fixed,) = (
        shlex.split(grammar.told(f"name={value}").split("; type ")[1])
        if not grammar.parsed(f"name={value}")
        else (f"name={value}",)
    )
    assert grammar.parsed(fixed).value() == value


LINES = {
    ("pos=none,", "learned"): "pos=none, learned: a space ends a word; without spaces: pos=none,learned",
    ("-m", "pos=none", "learned"): "learned: is no KEY=VALUE; for one more value: pos=none,learned",
    ("pos",): "pos: is no KEY=VALUE, such as pos=...",
    ("",): "'': is no KEY=VALUE, such as pos=...",
    ("name=a\nb",): "'name=a\\nb': holds what cannot be typed, such as the end of a line",
    ("--pos=none",): "--pos=none: no such flag; without the dashes it sets a key: pos=none",
    ("--multi", "pos=none,learned"): "--multi: no such flag. Did you mean --multirun?",
    ("--cfg", "jobs"): "--cfg jobs: shows something else. Did you mean job? There are: all, hydra, job.",
    ("-m", "--cfg", "job", "pos=none,learned"): "--multirun and --cfg are two commands; leave --multirun out",
    ("--resolve",): "--resolve belongs to --cfg: ",
    ("--config-dir=", "pos=none"): "--config-dir: needs a value after it, as in --config-dir NAME",
    ("study=main",): "study=main: needs a plus sign: +study=main",
    ("+pos=none",): "+pos=none: pos has a choice already; without the plus sign: pos=none",
    ("++pos=none",): "++pos=none: a choice takes no plus signs: pos=none",
    ("+epochs=3",): "+epochs=3: epochs has a value already; without the plus sign: epochs=3",
    ("pos@x=none",): "pos@x=none: a choice has its one place here; without the @: pos=none",
    ("~aug",): "aug: a run reads it; it cannot be left out or be null",
    ("~attn=axial,[]",): "~attn=axial,[]: a key is taken away by its name alone, ~attn",
    ("~attn=axial,full",): "~attn=axial,full: a key is taken away by its name alone, ~attn",
    ("~clip={a:1}",): "~clip={a:1}: a key is taken away by its name alone, ~clip",
    ("~seed",): "seed: missing; conf/config.yaml states it",
    ("~foo",): "~foo: there is no foo with a value to take away; leave the word out",
    ("pos=[none,learned]",): "pos=[none,learned]: an axis takes one choice; with -m each is a run: -m pos=none,",
    ("pos={a:1}",): "pos={a:1}: an axis takes one choice",
    ("image=null",): "image=null: holds keys of its own, and no value. There are: image.size, image.fit.",
    ("seed=99999999999999999999",): "seed=99999999999999999999: too large; less than 18446744073709551616 works",
    ("model.depth=1000000000",): "model.depth=1000000000: too large; less than 10001 works",
    ("batch=1000000000000",): "batch=1000000000000: too large; less than 2147483648 works",
    (
        "hydra/sweeper=basic",
    ): "hydra/sweeper=basic: ablate.train plans its runs itself; leave hydra/sweeper=basic out",
    ("hydra/sweeper=survey",): "hydra/sweeper=survey: ablate.train plans its runs itself",
    ("hydra.mode=RUN",): "hydra.mode=RUN: ablate.train plans its runs itself; leave hydra.mode=RUN out",
    ("hydra.launcher=null",): "hydra.launcher=null: holds keys of its own",
    (
        "hydra/launcher=processes",
        "hydra.launcher.workers=0",
    ): "hydra.launcher.workers=0: too small; 1 or more works",
    (
        "hydra/launcher=processes",
        "hydra.launcher.workers=-1",
    ): "hydra.launcher.workers=-1: not how many runs at once",
    ("hydra/launcher=joblib", "hydra.launcher.n_jobs=0"): "hydra.launcher.n_jobs=0: too small; 1 or more works",
    ("hydra.sweeper.max_batch_size=-1",): "hydra.sweeper.max_batch_size=-1: too small; 1 or more works",
    ("hydra.searchpath=[nowhere]",): "hydra.searchpath: nowhere: no such folder",
}


@pytest.mark.parametrize(
    ("words", "line"), LINES.items(), ids=lambda x: " ".join(x) if isinstance(x, tuple) else ""
)
def test_one_line_names_the_word(train, words, line):
    said = train(*words)
    assert said.code == 2, said.err
    assert said.err.startswith(f"ablate: {line}"), said.err
    assert len(said.err.splitlines()) == 1
    assert (said.out, list(Path().iterdir())) == ("", []), "a refused command writes nothing"


def test_words_that_change_nothing_are_no_mistake(train):
    assert train("hydra/sweeper=ablate", "hydra.mode=MULTIRUN").code == 0


@pytest.mark.slow
def test_a_key_that_only_some_choices_have(train):
    """The line says which, and what it advises works."""
    said = train("-m", "aug=shift,affine", "aug.degrees=5")
    assert said.code == 2
    assert said.err.startswith(
        "ablate: aug.degrees: of aug only affine has it: aug=affine aug.degrees=5; to compare it"
    )
    assert train("aug=affine", "aug.degrees=5").code == 0
    own = Path("mine/aug/affine5.yaml")
    own.parent.mkdir(parents=True)
    own.write_text("defaults: [affine, _self_]\ndegrees: 5\n")
    both = train("--config-dir", "mine", "-m", "aug=shift,affine5")
    assert both.code == 0, both.err
    assert "aug: 2 runs" in both.out
    alone = train("attn.size=2")
    assert alone.err.startswith("ablate: attn.size: of attn only window has it: attn=window attn.size=2; ")


def test_many_mistakes_are_five_lines_at_most(train):
    said = train("-m", "patch=31,32,33,34,35,36,37")
    assert (said.code, len(said.err.splitlines())) == (2, 5)
    assert said.err.endswith("ablate: and 3 more problems like these\n")
