"""Seeds until decided, batch by batch."""

import numpy as np
from made_study import plan, read, record

from ablate.report.findings import Criteria, find
from ablate.report.next_seeds import next_runs
from ablate.study.design.combinations import looks

MEAN = {"none": 0.90, "learned": 0.98, "sinusoidal": 0.9802}
AXES = {"pos": list(MEAN), "patch": ["4", "7"]}
LOOKS = looks(3, 12, 3)


def run(cell: dict[str, str], seed: int) -> dict:
    noise = np.random.default_rng([seed, *" ".join(cell.values()).encode()]).standard_normal()
    effect = 0.002 * (cell.get("patch") == "7")
    return {**record("made", cell, seed, MEAN[cell["pos"]] + effect + 0.0006 * float(noise)), "folder": "x"}


def grown(axes: dict[str, list[str]]) -> tuple[dict, list[dict], list[int]]:
    """A study that asks for its next runs until there are none -> (plan, records, size of each batch)."""
    asked = plan("made", axes, [0, 1, 2]) | {"looks": LOOKS}
    records, sizes = [run(r["cell"], r["seed"]) for r in asked["runs"]], []
    while more := next_runs(*read(asked, records), Criteria()):
        sizes.append(len(more))
        records += [run(cell, seed) for cell, seed in more]
        asked["runs"] += [{"id": r["id"], "cell": r["cell"], "seed": r["seed"]} for r in records[-len(more) :]]
    return asked, records, sizes


def test_what_is_decided_gets_no_more_seeds():
    asked, records, sizes = grown({"pos": ["none", "learned"]})
    assert sizes == []
    assert find(*read(asked, records), Criteria())[0][0].effects["verdict"].tolist() == ["better"]


def test_an_undecided_pair_goes_on_alone_and_ends():
    asked, records, sizes = grown(AXES)
    (found,), _ = find(*read(asked, records), Criteria())
    seeds = found.runs.groupby("cell")["seed"].nunique().to_dict()
    assert len(sizes) == 3
    assert {seeds[pos, patch] for pos in ("learned", "sinusoidal") for patch in AXES["patch"]} == {12}
    assert seeds[("none", "4")] < 12
    assert found.effects.loc[2, "name"] == "pos: sinusoidal − learned"
    assert found.effects.loc[[0, 1], "verdict"].tolist() == ["better", "better"]


def test_axes_that_go_together_come_back_as_themselves():
    asked = plan("made", {"pos": ["learned", "sinusoidal"], "patch": ["4", "7"]}, [0, 1, 2]) | {"looks": LOOKS}
    asked["design"] = {"kind": "full", "zip": [["pos", "patch"]]}
    together = [{"pos": "learned", "patch": "4"}, {"pos": "sinusoidal", "patch": "7"}]
    asked["runs"] = [r for r in asked["runs"] if r["cell"] in together]
    records = [run(r["cell"] | {"patch": "4"}, r["seed"]) for r in asked["runs"]]
    records = [r | {"id": a["id"], "cell": a["cell"]} for r, a in zip(records, asked["runs"], strict=True)]
    assert next_runs(*read(asked, records), Criteria()) == [
        (cell, seed) for cell in together for seed in (3, 4, 5)
    ]
