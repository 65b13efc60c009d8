"""What a study is said to show: verdicts in words, runs kept apart, axes that go together."""

import math
from pathlib import Path

import numpy as np
import pytest
from made_study import DEFAULTS, made, read, record, truth, written

from ablate.records import typed
from ablate.records.run_record import RunRecord
from ablate.records.study_plan import StudyPlan
from ablate.report.findings import Criteria, Findings, find
from ablate.report.numbers.alias import aliases, resolution
from ablate.report.numbers.grid import filled
from ablate.report.read import studies
from ablate.report.words.sentences import how_to_read, verdict_sentences
from ablate.study.design.cells import design

POS, PATCH = ["none", "learned"], ["4", "7"]


def one(asked: dict, records: list[dict], **wanted) -> Findings:
    return of_one_group(*read(asked, records), Criteria(**wanted))


def of_one_group(records: list[RunRecord], plan: StudyPlan, wanted: Criteria) -> Findings:
    (found,), differing = find(records, plan, wanted)
    assert differing == []
    return found


def words(found: Findings) -> list[str]:
    return [f"{s.verdict}: {s.text}" for s in verdict_sentences(found)]


def noise(cell: dict[str, str], seed: int) -> float:
    return float(np.random.default_rng([seed, *" ".join(cell.values()).encode()]).standard_normal())


def test_the_sentence_of_the_main_job():
    (better, _, depends) = words(one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2])))
    assert better == (
        "better: pos: learned is better than none by 7.49 points "
        "(95 % interval 7.38 to 7.60, 3 seeds, p < 0.0001)."
    )
    assert depends == (
        "depends: pos depends on patch: learned − none is +13.93 at patch=4 (+13.91 to +13.95), +1.05 at patch=7 "
        "(+0.82 to +1.28); the largest gap is 12.88 points (p < 0.0001)."
    )


def test_without_an_interaction_nothing_is_said_to_depend():
    def additive(cell, seed):
        return 0.9 + 0.01 * (cell["pos"] == "learned") + 0.02 * (cell["patch"] == "4") + 0.0001 * noise(cell, seed)

    found = one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2, 3], acc=additive))
    assert len(found.interactions) == 1
    assert found.simple.empty
    assert [s.verdict for s in verdict_sentences(found)] == ["better", "better"]


def test_a_worse_arm_is_told_as_the_other_being_better():
    found = one(*made({"pos": ["learned", "none"]}, [0, 1, 2]))
    assert found.effects["verdict"].tolist() == ["worse"]
    assert words(found)[0].startswith("better: pos: learned is better than none by 14.")


def test_an_average_that_is_the_wrong_way_round_at_an_arm_says_so():
    text = words(one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2, 3, 4])))[1]
    assert text.startswith("better: patch: 7 is better than 4 by")
    assert "That is the average of the step from 4 to 7; at pos=learned it is −0." in text
    assert text.endswith(", worse).")


def test_an_average_that_one_arm_alone_brings_about_says_so():
    def only_at_four(cell, seed):
        lost = 0.1 * (cell["pos"] == "none" and cell["patch"] == "4")
        return 0.95 - lost + 0.0005 * noise(cell, seed)

    text = words(one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2, 3, 4], acc=only_at_four)))[0]
    assert text.startswith("better: pos: learned is better than none by 5.0")
    assert "That is the average of learned − none; at patch=7 it is " in text
    assert text.endswith(", undecided).")


def test_equivalent_on_average_but_not_at_each_arm():
    def crossed(cell, seed):
        sign = 1 if (cell["pos"] == "none") == (cell["patch"] == "4") else -1
        return 0.95 + 0.01 * sign + 0.00005 * noise(cell, seed)

    text = words(one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2, 3, 4], acc=crossed)))[0]
    assert text.startswith(
        "equivalent: pos: none and learned are equivalent within 0.10 points: learned − none is "
    )
    assert "That is the average of learned − none; at patch=4 it is −2.0" in text


def test_undecided_says_how_many_seeds_would_tell():
    asked, records = made({"pos": POS}, [0, 1, 2], acc=lambda c, s: 0.95 + 0.002 * noise(c, s))
    found = one(asked, records)
    row = found.effects.iloc[0]
    more = int(row["seeds_needed"]) - 3
    assert words(found)[0].startswith("undecided: pos: none or learned: learned − none is ")
    assert f"about {more} more seed" in words(found)[0]
    assert f"would tell ({more + 3} in all, 80 % power)." in words(found)[0]


def gaps(differences: list[float], **changes) -> tuple[str, Findings]:
    """The sentence on a pair of arms that differ by so many points, seed by seed."""
    seeds = list(range(len(differences)))
    acc = {"none": lambda s: 0.9 + 0.001 * s, "learned": lambda s: 0.9 + 0.001 * s + differences[s] / 100}
    asked, records = made({"pos": POS}, seeds, acc=lambda c, s: acc[c["pos"]](s))
    found = one(asked | changes, records)
    return words(found)[0], found


def test_undecided_although_the_interval_does_not_hold_zero_says_why():
    gain = {"none": [0, 0, 0], "learned": [0.0014, 0.002, 0.0026], "sinusoidal": [0.003, -0.002, 0]}
    asked, records = made({"pos": list(gain)}, [0, 1, 2], acc=lambda c, s: 0.9 + gain[c["pos"]][s])
    first, second, _ = words(one(asked, records, method="paired"))
    assert first.startswith(
        "undecided: pos: none or learned: learned − none is +0.20 (95 % interval +0.05 to +0.35, 3 seeds, "
        "p = 0.086 after Holm). If the difference is"
    )
    assert "after Holm" not in second


def test_an_equivalence_that_the_interval_does_not_show_says_so():
    told, _ = gaps([0.083, 0.083, 0.017, 0.017])
    assert told == (
        "equivalent: pos: none and learned are equivalent within 0.10 points: learned − none is +0.05 (95 % "
        "interval −0.01 to +0.11, 4 seeds). The 95 % interval reaches beyond the margin; that of the two tests, "
        "90 %, does not."
    )
    assert "beyond" not in gaps([0.06, 0.06, 0.04, 0.04])[0]


def test_what_was_decided_at_a_look_before_says_so():
    told, found = gaps([1.0, 1.01, 0.99, -2.0, 3.0, -1.0], looks=[3, 6])
    assert found.effects["low"][0] < 0 < found.effects["high"][0]
    assert told.startswith("better: pos: learned is better than none by 0.50 points (95 % interval ")
    assert told.endswith("It was decided at an earlier look; the interval is that of the last look.")


def test_how_to_read_speaks_of_what_there_is():
    alone, both = (
        one(*made(axes, [0, 1, 2])) for axes in ({"pos": [*POS, "sinusoidal"]}, {"pos": POS, "patch": PATCH})
    )
    assert "other axes" not in how_to_read(alone)[0]
    assert "Interactions" not in how_to_read(alone)[1]
    assert "paired by seed and averaged over the cells of the other axes" in how_to_read(both)[0]
    assert "Interactions are a second such family." in how_to_read(both)[1]


def test_shares_of_variance_say_over_which_seeds_they_are():
    def acc(cell, seed):
        return None if (cell["pos"], cell["patch"], seed) == ("none", "7", 1) else truth(cell, seed)

    found = one(*made({"pos": POS, "patch": PATCH}, [0, 1, 2], acc=acc))
    assert "Shares of variance are over the 2 of 3 seeds that are complete in all cells." in found.notes
    assert not [note for note in one(*made({"pos": POS, "patch": PATCH}, [0, 1])).notes if "Shares" in note]


@pytest.mark.parametrize(
    ("acc", "text"),
    [
        (lambda c, s: None, "none: pos: none and learned: no pair of runs is complete."),
        (
            lambda c, s: 0.9 + 0.01 * (c["pos"] == "none") if s == 0 else None,
            "none: pos: none and learned: learned − none is −1.00 with one seed, which has no interval; "
            "two or more seeds would have one.",
        ),
        (
            lambda c, s: 0.9,
            "none: pos: none and learned: both gave the same accuracy with each of 3 seeds. "
            "Does the axis do anything? (ablate.audit)",
        ),
        (
            lambda c, s: 0.9 + 0.01 * (c["pos"] == "none"),
            "none: pos: none and learned: learned − none is −1.00 with each of the 3 seeds: "
            "without any spread there is no interval.",
        ),
    ],
)
def test_no_verdict_says_why(acc, text):
    assert words(one(*made({"pos": POS}, [0, 1, 2], acc=acc)))[0].startswith(text)


def test_incomplete_pairs_are_named():
    asked, records = made(
        {"pos": POS, "patch": PATCH},
        [0, 1, 2],
        acc=lambda c, s: None if (s, c["patch"]) == (1, "7") else truth(c, s),
    )
    assert words(one(asked, records))[0].endswith("Not counted, because incomplete: patch=7 seed=1.")


def test_baseline_mode_and_a_baseline_that_is_not_there():
    asked, records = made({"pos": [*POS, "sinusoidal"]}, [0, 1])
    found = one(asked, records, baseline={"pos": "sinusoidal"})
    assert found.effects["name"].tolist() == ["pos: none − sinusoidal", "pos: learned − sinusoidal"]
    with pytest.raises(ValueError, match=r"^report.baseline=pos=rope: pos has none, learned, sinusoidal$"):
        one(asked, records, baseline={"pos": "rope"})
    with pytest.raises(ValueError, match=r"^report.baseline=pool=cls: the axes here are pos$"):
        one(asked, records, baseline={"pool": "cls"})


def designed(
    axes: dict[str, list[str]], kind: str, acc=truth, zipped=None, seeds=(0, 1, 2)
) -> tuple[dict, list[dict]]:
    """Plan and records of a study of which a design chose the cells; its baseline is that of `made_study`."""
    found = design(
        axes, {axis: DEFAULTS.get(axis, choices[0]) for axis, choices in axes.items()}, kind=kind, zipped=zipped
    )
    whole = {axis: list(dict.fromkeys(cell[axis] for cell in found.cells)) for axis in axes}
    asked, records = made(whole, list(seeds), acc=acc)
    asked |= {
        "design": typed.to_json(found.facts()),
        "runs": [run for run in asked["runs"] if run["cell"] in found.cells],
    }
    return asked, [r for r in records if r["cell"] in found.cells]


def test_one_at_a_time_is_held_against_the_baseline():
    found = one(*designed({"pos": [*POS, "sinusoidal"], "patch": PATCH}, "one_at_a_time"))
    assert found.effects["name"].tolist() == ["pos: none − learned", "pos: sinusoidal − learned", "patch: 7 − 4"]
    assert found.effects["contexts"].tolist() == [["patch=4"], ["patch=4"], ["pos=learned"]]
    assert found.interactions.empty
    assert found.notes[0] == "No shares of variance: the cells are not a full grid."
    assert "each arm against the baseline with all other axes as in the baseline" in how_to_read(found)[0]
    assert how_to_read(found)[-1] == "One axis at a time: how the axes act together was not tried."


def test_one_at_a_time_of_a_baseline_that_was_no_arm():
    found = one(*designed({"pos": ["none", "sinusoidal"], "pool": ["cls"]}, "one_at_a_time"))
    assert found.effects["name"].tolist() == [
        "pos: none − learned",
        "pos: sinusoidal − learned",
        "pool: cls − mean",
    ]


HALF = {"pos": POS, "patch": PATCH, "pool": ["mean", "cls"]}


def test_an_effect_that_a_fraction_cannot_tell_from_another_is_no_verdict():
    def only_interaction(cell, seed):
        same = (cell["patch"] == "4") == (cell["pool"] == "mean")
        return 0.9 + 0.01 * same + 0.0001 * noise(cell, seed)

    found = one(*designed(HALF, "fraction", acc=only_interaction))
    assert len(found.cells) == 4
    assert found.interactions.empty
    assert found.effects["verdict"].tolist()[0] == "aliased"
    first = words(found)[0]
    assert first.startswith("aliased: pos or patch × pool: learned − none is +1.01 (95 % interval ")
    assert first.endswith("this fraction cannot tell which it is.")
    assert how_to_read(found)[-1] == (
        "A fraction of resolution III, 4 of 8 cells: main effects are mixed with interactions of two axes. "
        "Effects that are mixed are named together."
    )


def test_a_fraction_says_what_an_undecided_effect_is_mixed_with():
    found = one(*designed(HALF, "fraction", acc=lambda c, s: 0.9 + 0.001 * noise(c, s)))
    assert "In this fraction it is mixed with patch × pool: the difference may be theirs." in words(found)[0]


FOUR = HALF | {"color": ["gray", "rgb"]}


def test_a_fraction_of_resolution_four_gives_main_effects_and_pairs_of_interactions():
    def acc(cell, seed):
        both = cell["pos"] == "learned" and cell["patch"] == "4"
        return 0.9 + 0.02 * (cell["pool"] == "cls") + 0.01 * both + 0.0001 * noise(cell, seed)

    found = one(*designed(FOUR, "fraction", acc=acc))
    assert len(found.cells) == 8
    assert found.effects["verdict"].tolist() == ["better", "worse", "better", "equivalent"]
    assert [row.axes for row in found.interactions.itertuples()] == [
        ("pos", "patch"),
        ("pos", "pool"),
        ("pos", "color"),
    ]
    told = words(found)
    assert told[0].startswith("better: pos: learned is better than none by 0.50 points")
    assert told[0].endswith("In this fraction it is mixed with patch × pool × color, taken to be small.")
    assert [text for text in told if text.startswith("aliased")] == [told[-1]]
    assert told[-1].startswith("aliased: pos × patch or pool × color: an interaction of 1.0")
    assert told[-1].endswith("this fraction cannot tell which.")
    assert "A fraction of resolution IV, 8 of 16 cells" in how_to_read(found)[-1]


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_the_report_finds_in_the_cells_the_aliases_that_the_design_states(count):
    axes = {f"axis{i}": ["low", "high"] for i in range(count)}
    found = design(axes, dict.fromkeys(axes, "low"), kind="fraction")
    runs = [(tuple(cell.values()), 0) for cell in found.cells]
    seen = aliases(filled(axes, runs, []))
    stated = {tuple(m["effect"]): {tuple(t) for t in m["with"]} for m in found.facts().aliases}
    assert {term: set(others) for term, others in seen.items()} == stated
    assert resolution(seen) == found.resolution


def test_zipped_axes_are_one():
    zipped = {"patch": ["4", "7", "14"], "model.dim": ["64", "96", "96"]}
    asked, records = designed(
        {"pos": POS} | zipped, "full", zipped=["patch", "model.dim"], acc=lambda c, s: 0.9 + 0.001 * noise(c, s)
    )
    found = one(asked, records)
    assert found.levels == {"pos": POS, "patch+model.dim": ["4+64", "7+96", "14+96"]}
    assert found.effects["name"].tolist()[:2] == ["pos: learned − none", "patch+model.dim: 7+96 − 4+64"]


def test_axes_that_only_change_together_are_one_where_the_study_does_not_say():
    asked, records = made({"pos": POS, "patch": PATCH}, [0, 1])
    kept = [r for r in records if (r["cell"]["pos"] == "none") == (r["cell"]["patch"] == "4")]
    ids = {r["id"] for r in kept}
    asked = {key: value for key, value in asked.items() if key != "design"}
    found = one(asked | {"runs": [run for run in asked["runs"] if run["id"] in ids]}, kept)
    assert found.effects["name"].tolist() == ["pos+patch: learned+7 − none+4"]


def test_a_sequential_study_says_so_and_is_judged_by_its_looks():
    asked, records = made({"pos": POS}, list(range(6)), acc=lambda c, s: 0.9 + 0.002 * noise(c, s))
    found = one(asked | {"looks": [3, 6, 9]}, records)
    assert found.effects["p"][0] >= one(asked, records).effects["p"][0]
    assert "Seeds were added until decided, with looks at 3, 6, 9 seeds." in how_to_read(found)[-1]
    assert words(found)[0].endswith("Seeds are added until decided, up to 9.")


def test_images_make_the_interval_wider_and_the_doubt_is_told(tmp_path):
    folder = written(
        tmp_path / "made",
        *made(
            {"pos": POS}, [0, 1, 2], acc=lambda c, s: 0.9 + 0.002 * (c["pos"] == "learned") + 1e-5 * noise(c, s)
        ),
    )
    records, asked = studies.read([folder])
    found = of_one_group(records, asked, Criteria())
    row = found.effects.iloc[0]
    assert row["verdict"] == "better"
    assert row["high_images"] - row["low_images"] > 5 * (row["high"] - row["low"])
    assert "That holds for these test images; over others too, the interval is " in words(found)[0]
    assert found.classes[row["name"]]["class"].tolist() == list(range(10))


def test_one_seed_has_no_interval_over_images_either(tmp_path):
    records, asked = studies.read([written(tmp_path / "made", *made({"pos": POS}, [0]))])
    found = of_one_group(records, asked, Criteria())
    assert found.effects["low_images"].isna().all()
    assert len(found.classes) == 1


def test_without_true_labels_the_images_are_left_alone(tmp_path):
    folder = written(tmp_path / "made", *made({"pos": POS}, [0, 1]))
    for file in folder.glob("*/predictions.npz"):
        np.savez(file, test=np.load(file)["test"])
    records, asked = studies.read([folder])
    found = of_one_group(records, asked, Criteria())
    nothing, left_out = found.notes
    assert nothing == "Nothing on other test images: no run has left a predictions.npz that can be read."
    assert left_out.startswith(f"Left out: {folder}/")
    assert left_out.endswith("/predictions.npz and 3 more cannot be read (it holds no true labels, `label`).")
    assert found.classes == {}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"versions": {"device": "cuda: H200", "torch": "2.15.0", "ablate": "0.1.0"}},
            "device: cpu: 2 cores (2 runs), cuda: H200 (1 run)",
        ),
        (
            {"code": {"commit": "0123abc", "dirty": True}},
            "code: 0123abc (2 runs), 0123abc with uncommitted changes (1 run)",
        ),
        ({"recipe": "07e500000000"}, "recipe: 5ab1e0000000 (2 runs), 07e500000000 (1 run)"),
        ({"choices": {"data": "fashion"}}, "data: mnist (2 runs), fashion (1 run)"),
    ],
)
def test_runs_that_are_not_alike_are_kept_apart(change, line):
    asked, records = made({"pos": POS}, [0])
    stranger = record("made", {"pos": "none"}, 1, 0.5, **change)
    found, differing = find(*read(asked, [*records, {**stranger, "folder": "x"}]), Criteria())
    assert [len(part.records) for part in found] == [2, 1]
    assert line in differing
    fact = line.split(":")[0]
    assert len(find(*read(asked, [*records, {**stranger, "folder": "x"}]), Criteria(together=(fact,)))[0]) == 1


def test_other_recipes_name_the_keys_that_differ():
    asked, records = made({"pos": POS}, [0, 1])
    other = record("made", {"pos": "none"}, 0, 0.5, recipe="07e500000000")
    other["config"]["optim"]["lr"] = 0.1
    _, differing = find(*read(asked, [*records, {**other, "folder": "x"}]), Criteria())
    assert "config optim.lr: 0.004 | 0.1" in differing


def test_a_failed_run_that_never_knew_its_device_is_no_stranger():
    asked, records = made({"pos": POS}, [0, 1], acc=lambda c, s: None if s else truth(c, s))
    for r in records:
        if r["state"] == "failed":
            r["versions"] = r["versions"] | {"device": None}
    assert len(find(*read(asked, records), Criteria())[0]) == 1


def test_a_finished_run_of_an_unknown_device_is_kept_apart():
    asked, records = made({"pos": POS}, [0, 1])
    records[0]["versions"] = records[0]["versions"] | {"device": None}
    _, differing = find(*read(asked, records), Criteria())
    assert differing == ["device: cpu: 2 cores (3 runs), unknown (1 run)"]


def test_several_studies_are_taken_as_one(tmp_path):
    first = written(tmp_path / "a", *made({"pos": POS}, [0, 1, 2], study="a"))
    second = written(tmp_path / "b", *made({"pool": ["mean", "cls"]}, [0, 1, 2], study="b"))
    records, asked = studies.read([first, second])
    found = of_one_group(records, asked, Criteria())
    # pos=learned pool=mean is a cell of both studies and counts once.
    assert len(found.runs) == 9
    assert found.effects["name"].tolist() == ["pos: learned − none", "pool: cls − mean"]


def test_records_without_a_plan_are_a_study(tmp_path):
    folder = written(tmp_path / "made", *made({"pos": POS}, [0, 1, 2]))
    (folder / "study.json").unlink()
    records, asked = studies.read([folder])
    assert of_one_group(records, asked, Criteria()).effects["n"].tolist() == [3]


def test_no_study_in_a_folder_names_those_that_are_near(tmp_path):
    written(tmp_path / "runs/made", *made({"pos": POS}, [0]))
    with pytest.raises(
        ValueError, match=r"runs holds no study \(no study.json, no \*/record.json\); .*runs/made does$"
    ):
        studies.read([tmp_path / "runs"])
    with pytest.raises(ValueError, match=r"runs/mad is no folder; .*runs/made does$"):
        studies.read([tmp_path / "runs/mad"])
    with pytest.raises(ValueError, match=r"nowhere/x is no folder$"):
        studies.read([Path("nowhere/x")])


def test_a_study_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(ValueError, match=r"study.json cannot be read \(no JSON: Expecting"):
        studies.read([tmp_path])


def test_a_plan_without_any_run_yet_is_all_to_come():
    asked, _ = made({"pos": POS}, [0, 1])
    found = one(asked, [])
    assert found.runs["state"].tolist() == ["not started"] * 4
    assert math.isnan(found.effects["mean"][0])
