"""Folders of a user's own: all of them count, and none of their files is passed over."""

from pathlib import Path

import pytest

from ablate.records import record


def choice(file: str, text: str = "_target_: ablate.axes.pos.Learned\n_partial_: true\nstd: 9.0\n") -> Path:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text)
    return Path(file).absolute()


@pytest.mark.parametrize("how", ["--config-dir=mine", "hydra.searchpath=[mine]"])
def test_an_own_choice_with_the_name_of_one_of_ours(train, how):
    file = choice("mine/pos/learned.yaml")
    said = train(how, "pos=learned")
    line = f"ablate: {file}: has the name of one of ours, which Hydra would take; give it another name\n"
    assert (said.code, said.err) == (2, line)
    assert not Path("runs").exists()
    file.write_bytes((Path(__file__).parents[2] / "conf/pos/learned.yaml").read_bytes())
    assert train(how, "pos=learned").code == 0, "a true copy says the same"


def test_an_own_config_yaml_would_not_be_read(train):
    file = choice("mine/config.yaml", "epochs: 3\n")
    said = train("--config-dir=mine")
    assert (said.code, said.err.split(": ")[1]) == (2, str(file))


@pytest.mark.slow
def test_two_folders_both_count(train):
    choice("one/pos/wide.yaml")
    choice("two/pos/3.yaml", "_target_: ablate.axes.pos.Learned\n_partial_: true\nstd: 3.0\n")
    words = ("--config-dir", "one", "-m", "pos=wide,3", "--config-dir=two")
    said = train(*words)
    assert said.code == 0, said.err
    stds = {r.cell["pos"]: r.config["pos"]["std"] for r in record.read_study(Path("runs/pos"))}
    assert stds == {"wide": 9.0, "3": 3.0}
    assert "2 runs, 2 finished before" in train(*words).out


def test_two_folders_with_one_name(train):
    first, second = choice("one/pos/wide.yaml"), choice("two/pos/wide.yaml", "std: 2\n")
    said = train("--config-dir=one", "--config-dir=two", "pos=wide")
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        f"ablate: {second}: has the name of {first}, which Hydra would take; give it another name",
    )
    gone = train("--config-dir=one", "--config-dir=three")
    assert (gone.code, gone.err) == (2, "ablate: --config-dir three: no such folder\n")


@pytest.mark.parametrize("name", ["1e-3", "0.10", "1_000", "007", "inf", "1.", "True"])
@pytest.mark.slow
def test_a_choice_named_like_a_number_in_any_spelling(train, name):
    choice(f"mine/pos/{name}.yaml")
    for form in (name, f"'{name}'", f"choice({name})", f"glob({name[:1]}*)"):
        said = train("--config-dir=mine", "-m", f"pos={form}", "epochs=ten")
        assert (said.code, said.err) == (2, "ablate: epochs=ten: not an integer\n"), form
    said = train("--config-dir=mine", "-m", f"pos={name},learned", "sweep.design=one_at_a_time")
    assert said.code == 0, said.err
    assert set(record.read_plan(Path("runs/pos")).axes["pos"]) == {name, "learned"}


def test_an_own_group_of_a_committed_study_has_its_numbers_as_names(train):
    for value in ("0.5", "1e-3"):
        choice(f"mine/pos/{value}.yaml", f"_target_: ablate.axes.pos.Learned\n_partial_: true\nstd: {value}\n")
    choice("mine/study/mine.yaml", "# @package _global_\nhydra:\n  sweeper:\n    params:\n      pos: 0.5,1e-3\n")
    said = train("--config-dir=mine", "+study=mine")
    assert said.code == 0, said.err
    assert record.read_plan(Path("runs/pos")).axes["pos"] == ["0.5", "1e-3"]


BAD = {
    "a tab": ("_target_: x\n\tstd: 1\n", "line 2: no YAML: "),
    "no colon": ("_target_: x\nstd 1\nlr: 2\n", "line 3: no YAML: "),
    "a key twice": ("_target_: x\nstd: 1\nstd: 2\n", "line 3: no YAML: found duplicate key std"),
    "a bracket": ("_target_: [x\n", "line 2: no YAML: "),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_yaml(train, kind):
    text, told = BAD[kind]
    file = choice("mine/pos/mine.yaml", text)
    said = train("--config-dir=mine", "-m", "pos=mine,learned")
    assert (said.code, len(said.err.splitlines())) == (2, 1), said.err
    assert said.err.startswith(f"ablate: {file}, {told}"), said.err


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def Mine(:\n", "SyntaxError: invalid syntax (own_module.py, line 1)"),
        ("Mine = nothing\n", "NameError: name 'nothing' is not defined"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3"),
        ("raise RuntimeError('no licence')\n", "RuntimeError: no licence"),
    ],
)
def test_an_own_module_that_cannot_be_imported(train, monkeypatch, tmp_path, source, told):
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("own_module.py").write_text(source)
    choice("mine/pos/mine.yaml", "_target_: own_module.Mine\n_partial_: true\n")
    said = train("--config-dir=mine", "pos=mine")
    assert (said.code, said.err) == (2, f"ablate: pos=mine: cannot import own_module.Mine ({told})\n")
