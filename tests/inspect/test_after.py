"""At its end a study looks into its best runs by itself, if it has trained for long enough."""

import json
from pathlib import Path

import pytest

from ablate.inspect import after

SAID = "looking into the best run of each arm"
WORDS = ("-m", "pos=learned,none", "seed=0,1", "data.test=64", "name=made")


def refuse(folder: Path, say) -> None:
    say("it began")
    raise RuntimeError("no such thing")


def looked_into(tmp_path: Path) -> set[Path]:
    return {file.parent for file in (tmp_path / "runs/made").glob("*/inside")}


@pytest.mark.slow
def test_a_study_shows_the_inside_of_the_best_run_of_each_arm(train, tmp_path, monkeypatch):
    monkeypatch.setattr(after, "SHARE", 1e6)
    said = train(*WORDS)
    assert said.code == 0
    assert said.out.count(f"{SAID}: 2 runs") == 1
    best = {}
    for file in (tmp_path / "runs/made").glob("*/record.json"):
        one = json.loads(file.read_text())
        best.setdefault(one["cell"]["pos"], []).append((one["metrics"]["val_acc"], file.parent))
    looked = looked_into(tmp_path)
    assert len(looked) == 2
    for runs in best.values():
        assert {run for acc, run in runs if acc == max(runs)[0]} & looked
    page = (tmp_path / "runs/made/report/report.html").read_text()
    assert page.count("inside/confusion.png") == 2
    again = train(*WORDS)
    assert again.code == 0
    assert SAID not in again.out, "the figures are newer than the weights"
    for file in (tmp_path / "runs/made").glob("*/weights.pt"):
        file.unlink()
    assert SAID not in train(*WORDS).out


def test_a_study_that_trains_for_seconds_does_not(train, tmp_path):
    said = train(*WORDS)
    assert said.code == 0
    assert SAID not in said.out
    assert not looked_into(tmp_path)


@pytest.mark.slow
def test_what_is_asked_for_is_used_and_may_fail(train, tmp_path, monkeypatch):
    monkeypatch.setattr(after, "SHARE", 1e6)
    said = train(*WORDS, "hydra.sweeper.inspect=null")
    assert (said.code, SAID in said.out) == (0, False)
    said = train(*WORDS, f"hydra.sweeper.inspect={__name__}.refuse")
    assert said.code == 0
    assert "it began\nno figures of the inside (RuntimeError: no such thing)\n" in said.out
    assert "4 runs, 4 finished before" in said.out
    assert (tmp_path / "runs/made/report/report.html").exists()


def test_a_wrong_name_is_refused_before_anything_trains(train, tmp_path):
    said = train(*WORDS, "hydra.sweeper.inspect=nobody.knows")
    assert said.code == 2
    assert said.err.splitlines() == [
        "ablate: hydra.sweeper.inspect=nobody.knows: cannot be imported (No module named 'nobody')"
    ]
    assert not (tmp_path / "runs").exists()


def test_a_long_look_is_left_to_the_command(tmp_path, monkeypatch):
    """A large model that a GPU has trained would take the CPU for longer than the study."""
    from ablate.records.run_record import RunRecord

    def one(cell: str, flops: float) -> RunRecord:
        run = tmp_path / cell
        run.mkdir(exist_ok=True)
        cost = {"train_s": 300.0, "flops_per_image": flops}
        return RunRecord(
            id=cell, state="done", seed=0, cell={"pos": cell}, folder=str(run), cost=cost, data={"test": 10_000}
        )

    said: list[str] = []
    for flops, looks in ((1e6, True), (1e9, False)):
        monkeypatch.setattr(after, "with_weights", lambda study, flops=flops: [one("a", flops), one("b", flops)])
        monkeypatch.setattr("ablate.inspect.inside.look", lambda run: {})
        monkeypatch.setattr("ablate.inspect.opened.opened", lambda folder: None)
        after.look_into_best(tmp_path, said.append)
        assert bool(said) == looks
        said.clear()
