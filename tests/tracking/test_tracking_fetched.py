"""`python -m ablate.report wandb:ENTITY/PROJECT/GROUP`: what the tracker sent comes back as the records it was."""

import html
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_study import made, run_record, written
from tiny import HERE, TINY

from ablate.records import record as records
from ablate.report.__main__ import main
from ablate.tracking import Wandb, fields

GUESSED = (
    "Guessed: nothing in W&B says how this study was designed, so it is taken for a full grid with a fixed "
    "number of seeds; if seeds were added until all was decided, the p values here are too small."
)
ADDRESS = "wandb:someone/ablate-mnist/made"
FETCHED = Path("runs/wandb/someone/ablate-mnist/made")


POS = {"pos": ["none", "learned"]}


def tracked(folder: Path, only=lambda one: True) -> Path:
    """Sends what a study has on disk, as its runs would have."""
    tracker = Wandb(mode="auto", project=None, entity=None)
    for one in filter(only, records.read_study(folder)):
        with suppress(FloatingPointError), tracker.run(one, folder) as run:
            if one.state == "failed":
                raise FloatingPointError
            for row in records.load_history(folder / one.id):
                run.epoch(row)
            run.end(one.metrics, one.cost)
    return folder


@pytest.fixture
def sent(archive, tmp_path, capsys):
    """A study that was tracked online: a word axis and a number axis, three seeds, one run failed."""

    def acc(cell, seed):
        lost = 0.02 * (cell["pos"] == "none") + 0.0003 * ((seed * 7 + len(cell["pos"])) % 5)
        return None if (cell["pos"], cell["model.depth"], seed) == ("none", "4", 2) else 0.98 - lost

    axes = {"pos": ["none", "learned"], "model.depth": ["2", "4"]}
    folder = tracked(written(tmp_path / "runs/made", *made(axes, [0, 1, 2], acc=acc)))
    capsys.readouterr()
    return folder


def wavering(cell, seed):
    """A difference that four seeds show by the usual test, and not by the rule of a study that looked twice."""
    return 0.98 - 0.002 * (cell["pos"] == "none") * (1 + 0.52 * (-1) ** seed) + 0.0001 * seed


def same_effects(*folders: Path) -> pd.DataFrame:
    """What both reports say of every pair of arms, to the last digit."""
    here, there = (pd.read_csv(folder / "report/effects.csv") for folder in folders)
    seeds = [column for column in here if "images" not in column]  # predictions do not travel
    pd.testing.assert_frame_equal(here[seeds], there[seeds], check_exact=True)
    return here


def test_records_come_back_as_they_were(archive, sent, capsys):
    assert main([ADDRESS]) == 0
    back = {r.id: r for r in records.read_study(FETCHED)}
    there = {r.id: r for r in records.read_study(sent)}
    assert set(back) == set(there)
    for name, one in there.items():
        for key in (
            "state",
            "cell",
            "seed",
            "recipe",
            "choices",
            "config",
            "metrics",
            "versions",
            "code",
            "study",
        ):
            assert getattr(back[name], key) == getattr(one, key), key
        known = {key: value for key, value in one.cost.items() if value is not None}
        if one.state == "done":
            assert {key: back[name].cost[key] for key in known} == pytest.approx(known)
            folder = FETCHED / name
            assert records.load_history(folder) == records.load_history(sent / name)


def test_the_verdict_is_the_same_and_says_what_is_missing(sent, capsys):
    assert main([str(sent)]) == 0
    capsys.readouterr()
    assert main([ADDRESS]) == 0
    there = capsys.readouterr().out

    here, fetched = (pd.read_csv(folder / "report/effects.csv") for folder in (sent, FETCHED))
    for column in ("name", "mean", "low", "p_holm", "verdict", "left_out"):
        pd.testing.assert_series_equal(here[column], fetched[column])
    assert "better" in set(here["verdict"])
    assert "Nothing on other test images: no run has left a predictions.npz" in there
    assert there.endswith("report: runs/wandb/someone/ablate-mnist/made/report/report.html\n")


@pytest.mark.slow
def test_seeds_that_were_added_until_decided_are_judged_as_on_disk(archive, tmp_path, capsys):
    asked, runs = made(POS, [0, 1, 2, 3], acc=wavering)
    folder = tracked(written(tmp_path / "runs/made", asked | {"looks": [2, 4]}, runs))
    assert main([str(folder)]) == main([ADDRESS]) == 0
    p = same_effects(folder, FETCHED)["p"].item()
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Seeds were added until decided, with looks at 2, 4 seeds.") == 2
    assert said.count("All 4 seeds are used up.") == 2

    records.save_plan(FETCHED, replace(records.read_plan(FETCHED), looks=None))
    assert main([str(FETCHED)]) == 0
    fixed = pd.read_csv(FETCHED / "report/effects.csv")
    assert fixed["p"].item() < 0.05 < p


def test_a_study_that_still_runs_waits_for_the_same_runs(archive, tmp_path, capsys):
    """The plan of the newest batch counts, whichever run is done first."""
    asked, runs = made(POS, [0, 1, 2, 3], acc=wavering)
    first = asked | {"looks": [2, 4], "runs": [run for run in asked["runs"] if run["seed"] < 2]}
    folder = written(tmp_path / "runs/made", first, [one for one in runs if one["seed"] < 2])
    tracked(folder)
    written(folder, asked | {"looks": [2, 4]}, [one for one in runs if one["seed"] < 3])
    tracked(folder, only=lambda one: one.seed == 2)
    capsys.readouterr()
    for address in (str(folder), ADDRESS):
        assert main([address]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert "not started: 2" in said
        assert "Not finished: 2 of 8 runs are still to come" in said
    same_effects(folder, FETCHED)


def test_a_run_that_goes_on_brings_the_plan_of_now(archive, tmp_path, capsys):
    asked, (one, *_) = made(POS, [0, 1], acc=wavering)
    folder = written(tmp_path / "runs/made", asked | {"runs": asked["runs"][:1]}, [one])
    tracker = Wandb(mode="auto", project=None, entity=None)
    rows = records.load_history(folder / one["id"])
    record = run_record(one)
    with suppress(KeyboardInterrupt), tracker.run(record, folder) as run:
        run.epoch(rows[0])
        raise KeyboardInterrupt
    written(folder, asked, [])
    with tracker.run(replace(record, wandb=run.facts), folder, rows[:1]) as run:
        run.end(record.metrics, record.cost)
    assert len(archive.runs) == 1
    assert main([ADDRESS]) == 0
    assert "not started: 3" in capsys.readouterr().out


@pytest.mark.slow
def test_a_design_comes_back(archive, tmp_path, capsys):
    axes = {"pos": ["none", "learned"], "pool": ["cls", "mean"]}
    asked, runs = made(axes, [0, 1], acc=lambda cell, seed: 0.9 + 0.001 * len("".join(cell.values())) * (5 + seed))
    cells = [
        {"pos": "learned", "pool": "mean"},
        {"pos": "none", "pool": "mean"},
        {"pos": "learned", "pool": "cls"},
    ]
    asked |= {"design": {"kind": "one_at_a_time", "zip": [], "resolution": None, "aliases": []}}
    asked["runs"] = [run for run in asked["runs"] if run["cell"] in cells]
    folder = tracked(written(tmp_path / "runs/made", asked, [one for one in runs if one["cell"] in cells]))
    assert main([str(folder)]) == main([ADDRESS]) == 0
    assert capsys.readouterr().out.count("One axis at a time: how the axes act together was not tried.") == 2
    same_effects(folder, FETCHED)
    command = "python -m ablate.train -m pos=none,learned pool=cls,mean seed=0,1"
    assert command in (FETCHED / "report/report.md").read_text()


def test_a_study_without_its_facts_says_what_that_costs(archive, tmp_path, capsys):
    folder = written(tmp_path / "runs/made", *made(POS, [0, 1, 2]))
    (folder / "study.json").unlink()
    tracked(folder)
    assert main([ADDRESS]) == 0
    assert capsys.readouterr().out.count(GUESSED) == 1
    assert html.escape(GUESSED) in (FETCHED / "report/report.html").read_text()
    assert main([str(folder)]) == 0
    assert GUESSED not in capsys.readouterr().out


@pytest.mark.parametrize("group", ["model.depth", "model.depth-tuned"])
@pytest.mark.slow
def test_a_tuned_study_comes_with_its_other_half(archive, tmp_path, capsys, group):
    """The names of folders have no dots, those of groups may."""
    axes = {"model.depth": ["2", "4"]}

    def gap(points):
        return lambda cell, seed: 0.9 + points / 100 * (cell["model.depth"] == "4") + 0.0001 * (seed % 2)

    facts = {
        "of": "model.depth",
        "tuning": "model.depth-tuning",
        "keys": {"optim.lr": ["1e-3", "4e-3"]},
        "seeds": [1000],
        "chosen": [
            {"cell": {"model.depth": depth}, "values": {"optim.lr": lr}, "val_acc": 0.9, "edge": [], "failed": []}
            for depth, lr in (("2", "1e-3"), ("4", "4e-3"))
        ],
    }
    asked, runs = made(axes, [0, 1, 2], study="model.depth", acc=lambda c, s: gap(5)(c, s) + 1e-5 * s * len(c))
    tracked(written(tmp_path / "runs/model.depth", asked, runs))
    asked, runs = made(axes, [0, 1, 2], study="model.depth-tuned", acc=gap(2))
    tracked(written(tmp_path / "runs/model.depth-tuned", asked | {"tuned": facts}, runs))
    assert main([f"runs/{group}"]) == 0
    here = capsys.readouterr().out
    assert main([f"wandb:someone/ablate-mnist/{group}"]) == 0
    there = capsys.readouterr().out
    told = [line for line in here.splitlines() if "with the recipe as it is" in line or "Tuned: optim.lr" in line]
    assert len(told) == 2
    assert all(line in there.splitlines() for line in told)
    assert (
        "| model.depth=4 | 4e-3 | 90.00 |"
        in Path(f"runs/wandb/someone/ablate-mnist/{group.replace('.', '-')}/report/report.md").read_text()
    )


def test_a_study_with_a_long_name_is_found_with_its_tuned_half(archive, tmp_path, capsys):
    """W&B holds no more than 128 characters of a group: both names are cut, and differently."""
    name = "long" * 35
    for study, facts in (
        (name, {}),
        (f"{name}-tuned", {"tuned": {"of": name, "keys": {}, "chosen": [], "seeds": []}}),
    ):
        asked, runs = made({"pos": ["none", "learned"]}, [0], study=study)
        tracked(written(tmp_path / "runs" / study, asked | facts, runs))
    main([f"wandb:someone/ablate-mnist/{fields.group(name)}"])
    fetched = {folder.name for folder in Path("runs/wandb/someone/ablate-mnist").iterdir()}
    assert fetched == {fields.group(name), fields.group(f"{name}-tuned")}


@pytest.mark.slow
def test_runs_of_sweep_agents_are_told_apart_by_their_words(archive, tmp_path, capsys):
    """Each is a study of its own, with a recipe of its own, until a command takes them over."""
    axes = {"pos": ["none", "learned"], "patch": ["4", "7"]}
    asked, runs = made(axes, [0, 1, 2])
    for number, one in enumerate(runs):
        words = ["name=made", "+epochs=5", "data.root=" + "ab"[number % 2], *one["overrides"]]
        alone = one | {"cell": {}, "baseline": True, "recipe": str(number), "overrides": words}
        tracked(written(tmp_path / f"agent{number}", asked | {"axes": {}, "runs": []}, [alone]))
    assert main([ADDRESS]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert GUESSED in said
    assert "are not alike" not in said
    assert "* baseline" not in said
    guessed = pd.read_csv(FETCHED / "report/effects.csv")

    asked["runs"] = [run | {"recipe": runs[0]["recipe"]} for run in asked["runs"]]
    folder = written(tmp_path / "runs/made", asked, [one | {"cell": {}} for one in runs])
    assert main([str(folder)]) == 0
    Wandb(mode="auto", project=None, entity=None).report(folder)
    assert main([ADDRESS]) == 0
    effects = same_effects(folder, FETCHED)
    assert GUESSED not in capsys.readouterr().out
    assert set(guessed["mean"].abs().round(6)) == set(effects["mean"].abs().round(6))


@pytest.mark.slow
def test_what_one_command_trains_and_tunes_is_told_alike_from_both(archive, tmp_path, capsys):
    words = [
        "pos=none,learned",
        *TINY,
        "sweep.seeds=auto",
        "sweep.tune={optim.lr: [1e-3, 1e-1]}",
        "sweep.tune_seeds=1",
    ]
    words += [f"sweep.seeds_{key}=2" for key in ("min", "step")] + ["sweep.seeds_max=4"]
    command = [sys.executable, "-m", "ablate.train", "-m", *words, HERE]
    done = subprocess.run(command, text=True, capture_output=True, timeout=400)
    assert done.returncode == 0, done.stderr
    for name in ("pos", "pos-tuned"):
        said = []
        for address in (f"runs/{name}", f"wandb:someone/ablate-synthetic/{name}"):
            assert main([address]) == 0
            lines = capsys.readouterr().out.splitlines()
            said.append([line for line in lines if "predictions.npz" not in line and "report: " not in line])
        assert [line for line in said[0] if "That holds for these" not in line] == said[1]
        assert any("with looks at 2, 4 seeds" in line for line in said[1])
        assert any("optim.lr tuned for each cell" in line for line in said[1])
        same_effects(Path("runs") / name, Path("runs/wandb/someone/ablate-synthetic") / name)


def test_a_run_that_failed_and_was_done_again_counts_as_done(archive, sent, capsys):
    failed = next(r for r in records.read_study(sent) if r.state == "failed")
    with Wandb(mode="auto", project=None, entity=None).run(failed, sent) as run:
        run.end({"test_acc": 0.97}, {})
    assert main([ADDRESS]) == 0
    back = records.find(FETCHED / failed.id)
    assert (back.state, back.metrics["test_acc"]) == ("done", 0.97)


def test_a_strangers_run_is_written_below_the_folder_of_its_group(archive, sent, tmp_path, capsys):
    one = replace(records.read_study(sent)[0], id="../../../../../outside")
    with Wandb(mode="auto", project=None, entity=None).run(one, sent) as run:
        run.end({"test_acc": 0.97}, {})
    before = set(tmp_path.rglob("record.json"))
    main([ADDRESS])
    came = set(tmp_path.rglob("record.json")) - before
    assert {file.parent.parent for file in came} == {tmp_path / FETCHED}
    assert len(came) == 13


@pytest.mark.slow
def test_the_report_run_of_the_group_is_no_run_of_the_study(archive, sent, capsys):
    assert main([str(sent)]) == 0
    Wandb(mode="auto", project=None, entity=None).report(sent)
    assert "report" in {run.fields["jobType"] for run in archive.runs.values()}
    assert main([ADDRESS]) == 0
    assert len(records.read_study(FETCHED)) == 12


def test_the_names_of_the_history_are_those_of_the_tracker():
    back = {name: name.removeprefix("time/").replace("/", "_") for name in fields.HISTORY.values()}
    assert {theirs: ours for ours, theirs in fields.HISTORY.items()} == back


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("wandb:made", "wandb:made: wandb:ENTITY/PROJECT/GROUP is wanted; the group is the study's name"),
        (
            "wandb:someone/ablate-mnist/mad=e",
            "wandb:someone/ablate-mnist/mad=e: that group has no run of ablate; `python -m ablate.report --help`",
        ),
    ],
)
def test_a_mistake_is_one_line(archive, tmp_path, capsys, address, line):
    assert main([address]) == 2
    assert capsys.readouterr().err == f"ablate: {line}\n"
    assert not (tmp_path / "runs").exists()


def test_without_an_account_one_line_says_so(capsys):
    assert main([ADDRESS]) == 2
    assert capsys.readouterr().err == f"ablate: {ADDRESS}: no account on this machine; `wandb login` once\n"
