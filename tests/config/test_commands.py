"""What every command has in common: its version, how it is stopped, and text that is shown as it is."""

import shlex
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest

from ablate import __version__
from ablate.config import cli
from ablate.config.errors import CannotStart, UserError
from ablate.console import console

COMMANDS = ("train", "report", "cost", "audit")


def ended(program: str, *words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command's `main`, called as `python -m` or the console script would."""
    monkeypatch.setattr(sys, "argv", [program, *words])
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    try:
        return int(import_module(f"ablate{program}.__main__").main() or 0)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("words", [("--version",), ("-m", "pos=none,learned", "--version")])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_version(command, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if command == "report" and len(words) > 1:
        words = ("runs/any", "--version")
    assert ended(f".{command}", *words, monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == f"ablate {__version__}\n"


def test_the_console_script_has_one_too(monkeypatch, capsys):
    assert ended("", "--version", monkeypatch=monkeypatch) == 0
    assert ended("", "cost", "--version", monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == f"ablate {__version__}\n" * 2


@pytest.mark.parametrize("full", ["0", "1"])
@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "ablate: stopped; run the same command again to finish what is missing"),
        (UserError("pos=x: no"), 2, "ablate: pos=x: no"),
        (CannotStart("no room"), 1, "ablate: no room"),
        (LookupError("lost"), 1, "ablate: this is a bug in ablate or in a part of yours"),
    ],
)
def test_how_a_command_ends_does_not_depend_on_hydra_full_error(monkeypatch, capsys, full, error, code, line):
    def entry() -> None:
        raise error

    monkeypatch.setattr(sys, "argv", ["ablate.train"])
    monkeypatch.setenv("HYDRA_FULL_ERROR", full)
    with pytest.raises(SystemExit) as end:
        cli.main(entry)
    said = capsys.readouterr().err
    assert end.value.code == code
    assert said.splitlines()[-1] == line
    shown = not isinstance(error, KeyboardInterrupt) and (full == "1" or isinstance(error, LookupError))
    assert said.count("Traceback") == shown


@pytest.mark.parametrize("key", ["sweep.fresh", "hydra.sweeper.fresh"])
def test_what_a_stopped_command_with_fresh_would_do_again(key):
    same = "run the same command again to finish what is missing"
    assert cli.again(["-m", "pos=none,learned", f"{key}=false"]) == cli.again(["-m", "pos=x"]) == same
    assert f"trains all runs again; without {key}=true it finishes" in cli.again(["-m", f"+{key}=True", "pos=x"])


def test_a_report_that_is_stopped_ends_without_a_traceback(monkeypatch, capsys):
    from ablate.report import __main__ as report

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "report", stop)
    assert ended(".report", "runs/any", monkeypatch=monkeypatch) == 130
    assert capsys.readouterr().err == "ablate: stopped\n"


def test_the_console_shows_brackets_and_colons_as_they_are():
    shown = console()
    shown.file = StringIO()
    shown.print("runs/[abc] [/a] :smile: [red]x[/red]")
    assert shown.file.getvalue() == "runs/[abc] [/a] :smile: [red]x[/red]\n"


@pytest.mark.slow
def test_a_name_may_have_brackets_and_what_is_to_be_typed_next_has_its_quotes(train):
    said = train("-m", "pos=none,learned", r"name='[abc] :smile: it'", "seed=0,1")
    assert said.code == 0, said.err
    assert said.out.startswith("[abc] :smile: it: 4 runs\n")
    assert "records: runs/[abc] :smile: it\n" in said.out
    (line,) = [line for line in said.out.splitlines() if line.startswith("next: ")]
    assert shlex.split(line)[-1] == "runs/[abc] :smile: it"


def test_an_error_may_have_brackets(train, tmp_path):
    (tmp_path / "mine" / "aug").mkdir(parents=True)
    (tmp_path / "mine" / "aug" / "odd.yaml").write_text("_target_: odd.Odd\n")
    Path("odd.py").write_text(
        "class Odd:\n    def __call__(self, x, generator):\n        raise LookupError('no [/a] in [bold]')\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        said = train("--config-dir=mine", "-m", "aug=none,odd")
    finally:
        sys.path.remove(str(tmp_path))
    assert said.code == 3, said.err
    assert "failed: LookupError: no [/a] in [bold]" in said.out


def test_the_audit_shows_brackets(capsys):
    from ablate.audit.table import paint

    shown = console()
    shown.print(paint("no: [/a]", True))
    assert capsys.readouterr().out == "no: [/a]\n"
