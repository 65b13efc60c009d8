"""What README and docs say is so: links lead somewhere, commands run as written, tables name what exists.

`HOW` says for each command what is done with it. Run: reports, and counting what cells cost. Planned, with every
run composed, checked and built but none trained: `ablate.train` and `ablate.audit`. Only looked up, because they
change this machine or need an account: make, pip, wandb. test_docs.py runs docs/adding-an-axis.md as a whole.
"""

import dataclasses
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ablate
from ablate.records.damage import SUM
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.study.stages import Command

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
STUDIES = ("patch-pos", "pool", "pos")  # that reports in the documents are on
ELSEWHERE = (
    "PYTHONPATH=mine ",
    "python scripts/new_axis.py ",
    "python -m pytest tests/axes/test_stochastic_depth.py",
)


def blocks(document: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(document.read_text(encoding="utf-8")) if kind == language]


def commands() -> list[tuple[str, str]]:
    """(document, command) of every line of every shell block."""
    return [
        (str(document.relative_to(ROOT)), line.split("  #")[0].strip())
        for document in DOCUMENTS
        for text in blocks(document, "bash")
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document):
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        path, _, part = link.partition("#")
        if not re.match(r"[a-z]+:", path) and path:
            assert (document.parent / path).exists(), link
        if part and not path:
            assert part in {
                re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
                for h in re.findall(r"^#+ (.*)", text, re.M)
            }


def looked_up(what: str) -> Callable[..., None]:
    """A command that is not run: what it names must exist."""

    def check(words: list[str], request: pytest.FixtureRequest) -> None:
        if what == "make":
            for target in words[1:]:
                assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M), target
        elif what == "pip":
            for extra in re.findall(r"\[(\w+)\]", " ".join(words)):
                assert re.search(rf"^{extra} = ", (ROOT / "pyproject.toml").read_text(), re.M), extra
        else:
            for word in words:
                assert not word.startswith(("scripts/", "examples/")) or (ROOT / word).is_file(), word

    return check


def planned(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python -m ablate.train ...`, up to the moment at which the first run would be launched."""
    patch, train = request.getfixturevalue("monkeypatch"), request.getfixturevalue("train")
    runs = []

    def plan(self: Command, rounds: object) -> int:
        runs.extend(self.study("", self.rows).runs)
        return 0

    patch.setattr(Command, "carry_out", plan)
    said = train(*words, recipe=())
    if "hydra/launcher=ray" in words and said.code == 2:
        assert said.err == 'ablate: this launcher needs an extra: pip install "vit-ablate[ray]"\n'
        return
    assert said.code == 0, said.err
    assert runs


def audited(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python -m ablate.audit ...` as far as its cells, which are composed and checked."""
    import ablate.audit.__main__ as command
    from ablate.audit import audit

    patch, cells = request.getfixturevalue("monkeypatch"), []
    patch.setattr(audit, "audit", lambda runs, twins, console: cells.extend(runs))
    ended(patch, command.main, ["ablate.audit", *words])
    assert len(cells) > 1


def counted(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python -m ablate.cost ...`, without the minutes of measuring."""
    from ablate.cost.stages import main

    words = [*words, *([] if "--no-measure" in words else ["--no-measure"])]
    ended(request.getfixturevalue("monkeypatch"), main, ["ablate.cost", *words])
    assert list(Path("cost").glob("*/cost.csv"))


def reported(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python -m ablate.report ...` on copies of docs/example."""
    from ablate.report.__main__ import main

    if any(word.startswith("wandb:") for word in words):
        return  # needs an account; tests/tracking reads one back
    written_studies(Path("runs"))
    assert main(words) == 0


def written_studies(runs: Path) -> None:
    for name in STUDIES:
        shutil.copytree(ROOT / "docs/example", runs / name, ignore=shutil.ignore_patterns("report"))


def ended(patch: pytest.MonkeyPatch, main: Callable[[], object], argv: list[str]) -> None:
    patch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code


def benched(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python scripts/bench.py ...`, without the hour of measuring."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("bench", ROOT / "scripts" / "bench.py")
    assert spec
    assert spec.loader
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    patch, asked = request.getfixturevalue("monkeypatch"), []
    for part in ("loops", "lone", "studies"):
        patch.setattr(bench, part, lambda *_, part=part: asked.append(part))
    patch.setattr(sys, "argv", words[1:])
    assert bench.main() == 0
    assert asked


def benched_on_a_gpu(words: list[str], request: pytest.FixtureRequest) -> None:
    """`python scripts/bench/gpu.py ...`, whose words it knows."""
    command = [sys.executable, str(ROOT / words[1]), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(word in said for word in words[2:] if word.startswith("--"))


HOW: dict[str, Callable[[list[str], pytest.FixtureRequest], None]] = {
    "python -m ablate.train": planned,
    "python -m ablate.audit": audited,
    "python -m ablate.cost": counted,
    "python -m ablate.report": reported,
    "python scripts/bench.py": benched,
    "python scripts/bench/gpu.py": benched_on_a_gpu,
    "python scripts/wandb_dashboard.py": looked_up("script"),
    "wandb": looked_up("wandb"),
    "make": looked_up("make"),
    "pip": looked_up("pip"),
}


def test_every_document_and_every_command_is_found():
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= {d.name for d in DOCUMENTS}
    assert len(commands()) >= 35
    assert {kind for d in DOCUMENTS for kind, _ in FENCE.findall(d.read_text(encoding="utf-8"))} <= {
        "",
        "bash",
        "python",
        "yaml",
    }


def each_once() -> list[object]:
    """The commands with the first document that has them; counting many cells takes more than a few seconds."""
    first = {command: document for document, command in reversed(commands())}
    slow = [c for c in first if c.startswith("python -m ablate.cost") and "--no-measure" not in c]
    return [pytest.param(d, c, id=c, marks=[pytest.mark.slow] if c in slow else []) for c, d in first.items()]


@pytest.mark.parametrize(("document", "command"), each_once())
@pytest.mark.slow
def test_a_command_runs_as_it_is_written(document, command, request, tmp_path, monkeypatch):
    if command.startswith(ELSEWHERE) or (document == "docs/adding-an-axis.md" and "stochastic_depth" in command):
        return  # test_docs.py runs them, on the files that the document has written
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    command = re.sub(r"^([A-Z_]+=\S+ )+", "", command)  # OMP_NUM_THREADS=1 and the like
    how = next((how for start, how in HOW.items() if f"{command} ".startswith(f"{start} ")), None)
    assert how, f"{document}: nothing is known of {command!r}; add how it is tested to HOW"
    words = shlex.split(command)
    how(words[3:] if command.startswith("python -m ") else words, request)


def test_python_in_the_readme_runs(tmp_path, monkeypatch):
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    written_studies(Path("runs"))
    frame = pd.DataFrame({"pos": ["a", "a", "b", "b"], "seed": [0, 1, 0, 1], "test_acc": [0.8, 0.81, 0.9, 0.92]})
    (text,) = blocks(ROOT / "README.md", "python")
    names: dict[str, object] = {"frame": frame}
    exec(text, names)
    assert names["ablate"] is ablate


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of docs/architecture.md."""
    below = ARCHITECTURE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in below.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_each_question_where_to_add_has_one_path_that_exists():
    questions = rows("Where would I add ...?")
    asked = (
        "data set",
        "tracker",
        "launcher",
        "verdict",
        "figure",
        "exit code",
        "record",
        "config",
        "W&B",
        "cost",
    )
    assert len(questions) == len(asked)
    for (question, answer), word in zip(questions, asked, strict=True):
        assert word in question
        assert (ROOT / answer.strip("`")).exists(), answer


@pytest.mark.parametrize(("heading", "kind"), [("record.json", RunRecord), ("study.json", StudyPlan)])
def test_files_are_told_field_by_field(heading, kind):
    told = [name for cell, _ in rows(heading) for name in re.findall(r"`(\w+)`", cell)]
    in_memory = {f.name for f in dataclasses.fields(kind) if f.metadata.get("memory")} | {"more"}
    assert told == [f.name for f in dataclasses.fields(kind) if f.name not in in_memory] + [SUM]


def test_every_path_that_the_guide_names_exists():
    for text in (ARCHITECTURE, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        named = re.findall(r"`((?:ablate|conf|tests|examples|hydra_plugins|scripts|docs)/[\w/.]*)`", text)
        assert len(named) > 5
        assert not [path for path in named if not (ROOT / path).exists()]
        for module in re.findall(r"(?:->|\|)? +((?:config|study|train|report)/[\w/]+\.py)", text):
            assert (ROOT / "ablate" / module).is_file(), module
