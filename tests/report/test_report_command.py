"""`python -m ablate.report`: what it takes, what it says, and what it imports to say it."""

import ast
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from made_study import made, written
from rich.console import Console

import ablate
from ablate.report import conclude

POS = {"pos": ["none", "learned"]}
HOME = Path(ablate.__file__).parent


@pytest.fixture
def study(tmp_path) -> Path:
    return written(tmp_path / "runs/made", *made(POS, [0, 1, 2]))


def test_it_prints_table_and_verdict_and_names_the_page(study, told):
    said = told("runs/made")
    assert said.code == 0
    assert "98.88 ± 0.11" in said.text
    assert "better pos: learned is better than none by 14.05 points" in said.text
    assert "The pair is tested at 5 %. Equivalent: two one-sided tests against 0.10 points." in said.text
    assert said.out.endswith("report: runs/made/report/report.html\n")
    assert "\x1b" not in said.out


def test_without_a_folder_it_takes_the_study_written_last(study, told):
    assert "the study written last: runs/made" in told().out


def test_keys_reach_the_numbers(study, told):
    assert "are equivalent within 20.00 points" in told("runs/made", "report.margin=20").text
    assert "none is better" not in told("runs/made", "report.baseline=pos=learned").text
    assert told("runs/made", "report.out=elsewhere").out.endswith("report: elsewhere/report.html\n")
    assert Path("elsewhere/report.html").exists()


def test_several_folders_are_one_report(study, tmp_path, told):
    written(tmp_path / "runs/other", *made({"pool": ["mean", "cls"]}, [0, 1, 2], study="other"))
    said = told("runs/made", "runs/other")
    assert said.out.endswith("report: runs/report-made+other/report.html\n")
    assert "pool" in said.out


def test_all_that_lies_in_runs_may_be_named_again_and_again(study, tmp_path, told):
    written(tmp_path / "runs/other", *made({"pool": ["mean", "cls"]}, [0, 1, 2], study="other"))
    (tmp_path / "runs/notes.txt").write_text("mine")
    (tmp_path / "runs/wandb").mkdir()
    for _ in range(2):
        said = told(*(str(path.relative_to(tmp_path)) for path in sorted((tmp_path / "runs").iterdir())))
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("no study, left out: runs/notes.txt, runs/wandb\n")
        assert said.out.endswith("report: runs/report-made+other/report.html\n")
    assert told("runs/made", "runs/othr").err == "ablate: runs/othr is no folder; runs/other, runs/made do\n"


def test_the_report_on_many_studies_has_a_name_that_file_systems_take(tmp_path, told):
    names = [f"a-study-with-a-name-of-some-length-{number}" for number in range(9)]
    for number, name in enumerate(names):
        written(tmp_path / "runs" / name, *made(POS, [number], study=name))
    said = told(*(f"runs/{name}" for name in names))
    assert said.code == 0, said.err
    assert Path(said.out.splitlines()[-1].removeprefix("report: ")).is_file()


def test_looks_hold_for_studies_that_are_put_together(tmp_path, told):
    for name, axes, looks in (
        ("made", POS, [2, 3]),
        ("other", {"pool": ["mean", "cls"]}, None),
        ("third", {"aug": ["shift", "none"]}, [3]),
    ):
        asked, runs = made(axes, [0, 1, 2], study=name)
        written(tmp_path / "runs" / name, asked | {"looks": looks}, runs)
    assert "with looks at 2, 3 seeds" in told("runs/other", "runs/made").text
    said = told("runs/made", "runs/other", "runs/third")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "ablate: seeds were added until decided, with looks that differ (made at 2, 3 seeds; third at 3 seeds); "
        "report on each alone\n"
    )


def test_characters_that_no_font_has_are_said_once(tmp_path, told):
    """Warnings are errors here: matplotlib has one for each such character in each figure."""
    written(tmp_path / "runs/odd", *made({"pool": ["mean", "𒀀 🦄"], "norm": ["نورم", "$x^2"]}, [0, 1, 2]))
    said = told("runs/odd")
    assert (said.code, said.err) == (0, "")
    assert said.out.count("No font of matplotlib's has ") == 1
    assert "𒀀" in said.out.splitlines()[-1]
    assert "<text" in (tmp_path / "runs/odd/report/figures/cells.svg").read_text()


@pytest.mark.parametrize("width", ["40", "80"])
def test_a_verdict_in_wide_characters_is_not_cut(tmp_path, told, monkeypatch, width):
    written(
        tmp_path / "runs/wide",
        *made({"pos": ["无", "学习的"]}, [0, 1, 2], acc=lambda c, s: 0.9 + len(c["pos"]) / 99),
    )
    monkeypatch.setenv("COLUMNS", width)
    assert "…" not in told("runs/wide").out


def test_plan_prints_seeds_and_writes_nothing(study, told):
    said = told("runs/made", "--plan", "effect=0.1")
    assert said.code == 0
    row = next(line for line in said.out.splitlines() if line.startswith("pos: learned − none"))
    assert row.split()[-3:-1] == ["3", "0.16"]
    assert int(row.split()[-1]) > 3
    assert "80 % power" in said.text
    assert not (study / "report").exists()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["runs/mad"], "runs/mad is no folder; runs/made does"),
        (["runs/made", "report.margn=1"], "report.margn: no such key; did you mean report.margin?"),
        (
            ["runs/made", "report.q=1"],
            "report.q: no such key; the keys are report.margin, report.metric, report.direction, report.unit, "
            "report.cost, report.method, report.failures, report.baseline, report.together, report.out",
        ),
        (
            ["runs/made", "report.margin=ten"],
            "report.margin=ten: a number above 0 is wanted, as in report.margin=0.1",
        ),
        (
            ["runs/made", "report.margin=0"],
            "report.margin=0: a number above 0 is wanted, as in report.margin=0.1",
        ),
        (
            ["runs/made", "report.baseline=none"],
            "report.baseline=none: an axis and its arm are wanted, as in report.baseline=pos=none",
        ),
        (["runs/made", "report.baseline=pos=rope"], "report.baseline=pos=rope: pos has none, learned"),
        (
            ["runs/made", "report.together=seed"],
            "report.together=seed: seed sets no runs apart; "
            "recipe, data, code, ablate, torch, device, precision do",
        ),
        (["runs/made", "--plan", "0.1"], "--plan 0.1: --plan effect=0.1 asks for the seeds to see 0.1 points"),
        (
            ["runs/made", "--plan", "effect=x"],
            "--plan effect=x: a number above 0 is wanted, as in --plan effect=0.1",
        ),
        (["runs/made", "--frobnicate"], "unrecognized arguments: --frobnicate; python -m ablate.report --help"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(study, told, given, line):
    said = told(*given)
    assert (said.code, said.out, said.err) == (2, "", f"ablate: {line}\n")
    assert not (study / "report").exists()


def test_no_runs_at_all(told):
    assert told().err == "ablate: runs/ holds no study; python -m ablate.report DIR, with the folder of one\n"


def test_conclude_tells_a_study_and_leaves_a_lone_cell_without_pages(study, tmp_path):
    console = Console(file=StringIO(), width=80)
    conclude(study, console)
    assert "learned is better than none" in console.file.getvalue()
    assert (study / "report/report.html").exists()
    lone = written(tmp_path / "runs/single", *made({}, [0], study="single"))
    conclude(lone, console)
    assert not (lone / "report").exists()


def test_help_and_the_package_import_nothing_heavy():
    heavy = "{'torch', 'pandas', 'scipy', 'matplotlib', 'jinja2', 'statsmodels', 'hydra', 'wandb'}"
    code = (
        "import sys, ablate.report, ablate.report.__main__ as main\n"
        "try: main.main(['--help'])\n"
        f"except SystemExit: print(sorted({heavy} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOME.parent, check=True)
    assert "report.margin=0.1" in out.stdout
    assert out.stdout.endswith("[]\n")


def imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize(
    ("room", "least", "barred"),
    [
        ("numbers", 10, ("matplotlib", "pathlib", "ablate.records.record", "ablate.report.figures", "jinja2")),
        ("figures", 6, ("pathlib", "os", "io", "jinja2")),
        (".", 40, ("torch", "hydra", "omegaconf", "ablate.train", "ablate.train.fit", "ablate.tracking", "wandb")),
    ],
)
def test_statistics_draw_nothing_figures_touch_no_disk_and_nothing_trains(room, least, barred):
    files = list((HOME / "report" / room).rglob("*.py"))
    assert len(files) >= least
    for file in files:
        found = [name for name in imports(file) if any(name == b or name.startswith(f"{b}.") for b in barred)]
        if file.name != "from_wandb.py":  # it fetches records, before there is anything to report
            assert not found, f"{file.name} imports {found}"


def test_a_study_of_a_newer_version_is_read_and_what_is_not_understood_is_named(study, told):
    file = next(study.glob("*/record.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 2, "carbon_g": 1.5}))
    line = "written by a newer version (format 2, here 1); fields unknown to this one are kept: carbon_g."
    assert line in told("runs/made").text
    assert line in (study / "report/report.html").read_text()
