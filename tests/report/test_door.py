"""`ablate.read` and `ablate.verdict`: the verdict without a command."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from made_study import made, written

import ablate

EXAMPLE = Path(__file__).parents[2] / "docs/example"


def test_a_study_on_disk_has_the_verdict_of_the_report(tmp_path, told):
    written(tmp_path / "runs/made", *made({"pos": ["none", "learned"], "patch": ["4", "7"]}, [0, 1, 2]))
    found = ablate.read(tmp_path / "runs/made")
    said = told("runs/made")
    assert found.sentences
    for sentence in found.sentences:
        verdict, _, text = sentence.partition(": ")
        assert text in said.text
        assert verdict in said.text
    assert list(found.effects["axes"]) == [("pos",), ("patch",)]
    assert len(found.runs) == 12
    assert len(found.cells) == 4
    assert len(found.interactions) == 1
    assert str(found).startswith(found.decision[0])
    assert found.sentences[0] in str(found)


def test_the_example_is_read_and_read_again_from_its_accuracies():
    """The same numbers, whether they come from records or from a frame with a column an axis."""
    here = ablate.read(EXAMPLE)
    axes = ["patch", "pool", "pos"]
    frame = pd.DataFrame(list(here.runs["cell"]), columns=axes)
    frame = frame.assign(run=here.runs["seed"].astype(int), accuracy=here.runs["test_acc"])
    there = ablate.verdict(frame, metric="accuracy", seed="run")
    for column in ("mean", "low", "high", "p_holm"):
        one = here.effects.set_index("name")[column].sort_index()
        two = there.effects.set_index("name")[column].sort_index()
        assert two.to_numpy() == pytest.approx(one.reindex(two.index).to_numpy(), rel=1e-9)


def frame(**changes: object) -> pd.DataFrame:
    columns = {
        "pos": ["none", "none", "learned", "learned"],
        "seed": [0, 1, 0, 1],
        "test_acc": [0.8, 0.81, 0.9, 0.92],
    }
    return pd.DataFrame({**columns, **changes})


def test_numbers_as_arms_and_a_run_that_failed():
    found = ablate.verdict(frame(pos=[4, 4, 7, 7], test_acc=[0.8, 0.81, 0.9, None]))
    (effect,) = found.effects.itertuples()
    assert (effect.arm, effect.against, effect.n) == (("7",), ("4",), 1)
    assert any("1 of 4 runs failed" in line for line in found.warnings)


@pytest.mark.parametrize(
    ("changes", "words", "line"),
    [
        (
            {"test_acc": [80, 81, 90, 92]},
            {},
            "test_acc: accuracies are fractions from 0 to 1; divide per cent by 100",
        ),
        ({}, {"metric": "acc"}, "acc: no such column; the frame has pos, seed, test_acc"),
        ({"seed": [0, 1, 0, 1.5]}, {}, "seed: seeds are whole numbers"),
        ({}, {"axes": []}, "an axis: no such column; the frame has pos, seed, test_acc"),
        ({}, {"baseline": {"pos": "rope"}}, "report.baseline=pos=rope: pos has none, learned"),
        ({"seed": [0, 0, 0, 1]}, {}, "pos=none seed=0 stands in two rows; a run has one"),
    ],
)
def test_what_is_wrong_with_a_frame_is_one_line(changes, words, line):
    with pytest.raises(ValueError, match="^" + line.replace("(", r"\(")) as error:
        ablate.verdict(frame(**changes), **words)
    assert "\n" not in str(error.value)


def test_importing_ablate_is_light_and_the_door_opens_when_used():
    code = """
import sys, ablate
print([m for m in ("torch", "pandas", "hydra", "scipy", "numpy") if m in sys.modules])
print(callable(ablate.read), "pandas" in sys.modules, "torch" in sys.modules, "verdict" in dir(ablate))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nTrue True False True\n"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ablate.nothing  # noqa: B018
