"""What to keep: the set of possible best cells, a line an axis, and a command that can be pasted."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from best import DESIGNS, SITUATIONS
from best import noise as errors
from made_study import made, written

from ablate.report.decision import cheapest_of
from ablate.report.door import verdict
from ablate.report.findings import Criteria, Findings, find
from ablate.report.numbers.best import best_cells
from ablate.report.read import studies
from ablate.report.words.commands import with_more
from ablate.report.words.decision import decision_sentences
from ablate.report.words.next import at_once, lasting, more_seeds

ROOT = Path(__file__).resolve().parents[2]
AXES = {"pos": ["none", "learned", "sinusoidal"], "patch": ["4", "7"]}


def noise(cell: dict[str, str], seed: int, sd: float = 0.0005) -> float:
    return sd * float(np.random.default_rng([seed, *" ".join(cell.values()).encode()]).standard_normal())


def found(tmp_path: Path, axes, seeds, acc, **criteria) -> Findings:
    folder = written(tmp_path / "runs/made", *made(axes, list(range(seeds)), acc=acc))
    return find(*studies.read([folder]), Criteria(**criteria))[0][0]


def said(part: Findings) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for sentence in decision_sentences(part):
        lines.setdefault(sentence.verdict, []).append(sentence.text)
    return lines


def test_the_example_s_decision_is_what_a_reader_of_its_table_would_say():
    (part,), _ = find(*studies.read([ROOT / "docs/example"]), Criteria())
    lines = said(part)
    best = part.cells.loc[part.cells["test_acc_mean"].idxmax(), "cell"]
    assert lines["best"] == [f"patch={best[0]} pool={best[1]} pos={best[2]}: test accuracy 98.96 %."]
    assert "with them all of pos=none" in lines["ruled out"][0]
    assert any(text.startswith("pos: drop none; learned or sinusoidal") for text in lines["cannot say yet"])
    (command,) = lines["next"]
    assert command.startswith(
        "python -m ablate.train -m pos=learned,sinusoidal patch=4,7 pool=cls,mean 'seed=range("
    )
    assert re.search(r"  # \d+ more runs, about [\d.]+ (h|min) here; decides", command)


def test_a_clear_best_rules_out_all_others(tmp_path):
    part = found(
        tmp_path,
        AXES,
        5,
        lambda c, s: 0.9 + 0.05 * (c["pos"] == "learned") + 0.02 * (c["patch"] == "7") + noise(c, s),
    )
    lines = said(part)
    assert lines["best"][0].startswith("pos=learned patch=7: test accuracy 97.")
    assert "as good" not in lines
    assert lines["ruled out"] == ["5 of 6 cells, with them all of pos=none, pos=sinusoidal, patch=4."]
    assert lines["keep"] == [
        "pos: keep learned, drop none, sinusoidal: no cell with it could be the best.",
        "patch: keep 7, drop 4: no cell with it could be the best.",
    ]
    assert "next" not in lines


def test_of_equally_good_cells_the_cheapest_is_named(tmp_path):
    axes = {"patch": ["4", "7"]}
    part = found(tmp_path, axes, 4, lambda c, s: 0.98 + 0.00001 * (c["patch"] == "4") + noise(c, s, 0.0001))
    lines = said(part)
    assert "The cheapest is patch=7" in lines["as good"][0] or "also the cheapest" in lines["as good"][0]
    assert "FLOPs an image" in lines["as good"][0]
    by_params = said(found(tmp_path, axes, 4, lambda c, s: 0.98 + noise(c, s, 0.0001), cost="params"))
    assert "parameters" in by_params["as good"][0]


def test_what_does_not_matter_is_said(tmp_path):
    part = found(tmp_path, {"pool": ["mean", "cls"]}, 5, lambda c, s: 0.98 + noise(c, s, 0.0001))
    lines = said(part)
    assert lines["does not matter"] == ["pool: mean and cls are equivalent within 0.10 points."]
    assert lines["next"] == ["nothing: what is left open does not matter."]


def test_an_axis_that_matters_at_one_arm_of_another_only(tmp_path):
    def acc(cell, seed):
        return 0.95 + 0.004 * (cell["pool"] == "cls" and cell["patch"] == "7") + noise(cell, seed, 0.0012)

    part = found(tmp_path, {"pool": ["mean", "cls"], "patch": ["4", "7"]}, 12, acc)
    lines = said(part)
    text = " ".join([*lines.get("depends", []), *lines.get("keep", [])])
    assert "pool" in text
    assert "cls" in text


def test_of_several_open_pairs_the_nearest_and_all_are_told(tmp_path):
    axes = {"pos": ["none", "learned", "sinusoidal", "rope"]}
    asked, records = made(axes, [0, 1, 2], acc=lambda c, s: 0.98 + noise(c, s, 0.002))
    folder = written(tmp_path / "runs/made", asked, records)
    part = find(*studies.read([folder]), Criteria())[0][0]
    (line,) = said(part)["cannot say yet"]
    assert line.startswith("pos: none, learned, sinusoidal or rope: ")
    pattern = r"; about (\d+) more seeds? would tell these two, (\d+) all 6 open pairs\.$"
    nearest, every = re.search(pattern, line).groups()
    assert int(nearest) < int(every)


def test_one_seed_rules_nothing_out(tmp_path):
    part = found(tmp_path, AXES, 1, lambda c, s: 0.9 + 0.05 * (c["pos"] == "learned"))
    lines = said(part)
    assert "One seed says nothing of how sure that is" in lines["best"][0]
    assert "ruled out" not in lines
    assert "'seed=range(3)'" in lines["next"][0]


def test_less_is_better_in_the_decision_too(tmp_path):
    part = found(
        tmp_path, AXES, 4, lambda c, s: 0.9 + 0.05 * (c["pos"] == "learned") + noise(c, s), metric="test_loss"
    )
    lines = said(part)
    assert lines["best"][0].startswith("pos=learned")
    assert "test loss 0.0" in lines["best"][0]
    assert "accura" not in " ".join(text for texts in lines.values() for text in texts)


def test_the_terminal_begins_with_it_and_the_files_have_it(tmp_path, told):
    written(
        tmp_path / "runs/made",
        *made(AXES, [0, 1, 2, 3], acc=lambda c, s: 0.9 + 0.05 * (c["pos"] != "none") + noise(c, s)),
    )
    said_ = told("runs/made")
    first = said_.out.splitlines()[:10]
    assert first[0].startswith("best")
    assert any(line.startswith("next") for line in first)
    for name in ("report.html", "report.md", "verdict.csv"):
        text = Path("runs/made/report", name).read_text()
        assert text.index("could be the best as well") < text.index("is better than")
    assert told("runs/made", "report.cost=money").err == (
        "ablate: report.cost=money: no such cost; flops, params, train_s, images_per_s are\n"
    )


def test_in_python_it_comes_first():
    import pandas as pd

    rows = [
        {"a": a, "seed": s, "test_acc": 0.5 + 0.2 * (a == "y") + 0.001 * (s % 2)} for a in "xy" for s in range(4)
    ]
    rows[0]["test_acc"] += 0.002
    found_ = verdict(pd.DataFrame(rows))
    assert found_.decision[0].startswith("best: a=y: test accuracy 70.")
    assert str(found_).startswith(found_.decision[0])


def test_the_command_next_is_one_that_the_sweeper_takes():
    (part,), _ = find(*studies.read([ROOT / "docs/example"]), Criteria())
    words = shlex.split(said(part)["next"][0].partition("  # ")[0])
    assert words[:4] == ["python", "-m", "ablate.train", "-m"]
    seeds = next(word for word in words if word.startswith("seed="))
    assert int(seeds.removeprefix("seed=range(").rstrip(")")) > 3


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
@pytest.mark.parametrize("design", ["2", "2 x 3 x 2"])
def test_the_set_holds_the_best_where_errors_are_skewed(design, seeds):
    """The hardest of the situations in tests/report/best.py, whose table is in docs/validity.md."""
    values = errors(np.random.default_rng(1), 3000, seeds, DESIGNS[design], **SITUATIONS["skewed"])
    assert best_cells(values).possible.mean(0).min() > 0.95 - 2 * (0.05 * 0.95 / 3000) ** 0.5


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_set_holds_the_best_and_rules_out_the_rest(seeds):
    """Cells equally good, of unequal steadiness, with a part shared by a seed: each stays with 95 %."""
    rng = np.random.default_rng(0)
    sd = np.geomspace(1, 5, 8)
    values = rng.standard_normal((3000, seeds, 1)) + sd * rng.standard_normal((3000, seeds, 8))
    assert best_cells(values).possible.mean(0).min() > 0.95 - 2 * (0.05 * 0.95 / 3000) ** 0.5
    values[..., 0] += 100
    sure = best_cells(values)
    assert (sure.best == 0).all()
    assert sure.possible[:, 1:4].mean() < 0.2
    assert (best_cells(-values, sign=-1).best == 0).all()


def test_the_command_next_names_seeds_as_the_command_before():
    left = {"pos": "pos=learned,rope"}
    for word, more in {
        "seed=range(3)": "seed=range(5)",
        "seed=0,1,2": "seed=range(5)",
        "sweep.seeds=3": "sweep.seeds=5",
        "hydra.sweeper.seeds=3": "hydra.sweeper.seeds=5",
        "train.seed=0,1,2": "train.seed=range(5)",
    }.items():
        said_ = shlex.split(with_more(["-m", "pos=none,learned,rope", word], left, [0, 1, 2, 3, 4]))
        assert said_[3:] == ["-m", "pos=learned,rope", more]
    bare = with_more(["-m", "+study=main"], {}, [0, 1, 2])
    assert bare == "python -m ablate.train -m +study=main 'seed=range(3)'"


def test_large_studies_are_compared_in_parts(monkeypatch):
    from ablate.report.numbers import best

    values = np.random.default_rng(0).standard_normal((4, 30)) + 5 * np.arange(30)
    whole = best_cells(values)
    monkeypatch.setattr(best, "AT_ONCE", 1000)
    assert (best_cells(values).possible == whole.possible).all()
    assert whole.best == 29
    assert whole.possible.sum() < 20


def test_counted_costs_need_no_spread():
    values = np.array([[2.0, 1.0, 1.0]] * 3)
    assert best_cells(values, sign=-1).possible.tolist() == [True, True, True]
    assert best_cells(values, sign=-1, exact=True).possible.tolist() == [False, True, True]


def test_missing_runs_rule_nothing_out_and_do_no_harm():
    values = np.array([[0.9, 0.5, np.nan], [0.91, np.nan, np.nan], [0.92, np.nan, np.nan]])
    found_ = best_cells(values)
    assert found_.best == 0
    assert found_.possible.tolist() == [True, True, False]


def test_time_and_seeds_are_counted_as_they_are():
    assert at_once([(0, 10), (0, 10), (20, 30)]) == 1.5
    assert at_once([(0, 10), (50, 60)]) == 1.0
    assert [lasting(s) for s in (None, 20, 600, 7200)] == [
        "",
        ", about 1 min here",
        ", about 10 min here",
        ", about 2.0 h here",
    ]
    assert more_seeds([0, 1, 2], 5) == [0, 1, 2, 3, 4]
    assert more_seeds([7, 9], 3) == [0, 7, 9]
    assert more_seeds([1, 2], 4, first=1) == [1, 2, 3, 4]


def test_only_the_seed_of_a_program_is_given_others():
    """A program may have other keys that end so, and our own word for its seed."""
    words = ["python", "t.py", "-m", "+split.seed=7", "hydra.sweeper.seed=trainer.seed", "trainer.seed=1,2"]
    more = shlex.split(with_more(words, {}, [1, 2, 3, 4], "trainer.seed"))
    assert more == [*words[:-1], "trainer.seed=range(1,5)"]
    assert with_more(words, {}, [1, 2, 3], "trainer.seed").endswith("trainer.seed=1,2,3")


def test_quotes_of_a_program_stay_for_they_may_make_a_text_of_a_number():
    words = ["python", "t.py", "-m", "text='1','2'", "seed=1"]
    assert shlex.split(with_more(words, {}, [1, 2]))[:4] == words[:4]
    assert "patch=4,7" in with_more(["-m", "patch='4','7'"], {}, [0, 1])


def test_a_command_for_one_run_gets_the_word_for_several():
    assert shlex.split(with_more(["pos=rope"], {"pos": "pos=none,rope"}, [0, 1]))[3:5] == ["-m", "pos=none,rope"]


def test_a_cost_that_one_cell_lacks_is_not_compared():
    import pandas as pd

    cells = pd.DataFrame(
        {
            "cell": [("a",), ("b",)],
            "flops_per_image": [1.0, np.nan],
            "params": [5.0, 4.0],
            "train_s": [1.0, 1.0],
            "images_per_s": [1.0, 1.0],
        }
    )
    assert cheapest_of([("a",), ("b",)], cells, {("a",): 1.0, ("b",): 0.9}, None) == ("params", ("b",))
