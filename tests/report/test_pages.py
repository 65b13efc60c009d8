"""What stands on the pages, in the tables and in the files beside them."""

import html.parser
import re
import time
import xml.etree.ElementTree as ET

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from made_study import made, read, truth, written
from matplotlib.figure import Figure

from ablate.records.study_plan import StudyPlan
from ablate.report.__main__ import main
from ablate.report.figures.cost import pareto, together
from ablate.report.figures.curves import of_arms
from ablate.report.figures.interactions import interactions
from ablate.report.figures.scale import values_along
from ablate.report.findings import Criteria, find
from ablate.report.measure import Measure
from ablate.report.pages.pages import commands
from ablate.study.design.cells import design

AXES = {"pos": ["none", "learned"], "patch": ["4", "7"]}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Pages of a study with a failed and two waiting runs."""

    def acc(cell, seed):
        if (cell["pos"], cell["patch"], seed) == ("none", "7", 2):
            return None
        return float("nan") if (cell["pos"], seed) == ("learned", 3) else truth(cell, seed)

    folder = written(tmp_path_factory.mktemp("runs") / "made", *made(AXES, [0, 1, 2, 3], acc=acc))
    assert main([str(folder)]) == 0
    return folder / "report"


class Outline(html.parser.HTMLParser):
    """Tags that stay open, addresses, headings."""

    VOID = ("meta", "br", "link", "img", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href") and value]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_the_page_begins_with_the_verdict_and_has_every_section(report):
    page = (report / "report.html").read_text()
    assert "<summary>The interaction</summary>" in page, "of two axes, not all 1 of them"
    found = outline(page)
    assert found.headings == [
        *(
            "made",
            "What to keep",
            "Verdict",
            "Effects",
            "Cells",
            "Interactions",
            "Where the variance comes from",
            "By class",
        ),
        *("Learning curves", "Accuracy against cost", "Failures", "Runs", "Recipe and versions", "To repeat it"),
    ]


def test_the_page_needs_nothing_from_anywhere_else(report):
    page = (report / "report.html").read_text()
    outside = [a for a in outline(page).addresses if not a.startswith("#")]
    assert {a.split("/")[0] for a in outside} <= {"..", "figures", "report.md", "table.tex", "verdict.csv", *CSVS}
    assert not re.search(r"@import|url\((?!#)|<link|<img", page)
    links = re.findall(r'href="(\.\./[0-9a-f]{12}/)"', page)
    assert len(links) == 14
    assert all((report / link).is_dir() for link in links)


CSVS = ["runs.csv", "cells.csv", "effects.csv"]


def test_warnings_stand_before_the_numbers(report):
    page = (report / "report.html").read_text()
    assert "Not finished: 2 of 16 runs are still to come; the numbers will change." in page
    assert "1 of 16 runs failed and is in no mean." in page
    assert page.index("Not finished") < page.index("<h2>Verdict")
    assert "FloatingPointError: loss is nan at step 12" in page


def test_the_command_is_there_to_be_repeated(report):
    assert (
        "python -m ablate.train -m pos=none,learned patch=4,7 seed=0,1,2,3" in (report / "report.html").read_text()
    )


def test_the_command_is_as_one_types_it():
    words = ["-m", "patch='4','7'", "seed=range(3)", "sweep.tune={optim.lr: [1e-3, 4e-3]}", "name='a b'"]
    line = "python -m ablate.train -m patch=4,7 'seed=range(3)' 'sweep.tune={optim.lr: [1e-3, 4e-3]}' "
    assert commands(StudyPlan(command=words)) == [line + """'name='"'"'a b'"'"''"""]


def test_figures_are_there_as_svg_and_png(report):
    names = ["forest", "cells", "interactions", "curves", "cost"]
    for name in names:
        ET.parse(report / f"figures/{name}.svg")
        assert (report / f"figures/{name}.png").read_bytes()[:4] == b"\x89PNG"
    assert (report / "report.html").read_text().count("<svg") == len(names)


def test_nothing_of_a_figure_is_cut_off(report):
    for file in (report / "figures").glob("*.png"):
        image = matplotlib.image.imread(file)[..., :3].min(-1)
        edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert (edge == 1).all(), f"{file.name} is drawn up to its edge"


def test_the_same_records_give_the_same_figures(report):
    before = {file.name: file.read_bytes() for file in (report / "figures").iterdir()}
    assert main([str(report.parent)]) == 0
    assert {file.name: file.read_bytes() for file in (report / "figures").iterdir()} == before


def test_markdown_and_latex_say_the_same(report):
    markdown, latex = (report / "report.md").read_text(), (report / "table.tex").read_text()
    row = next(line for line in markdown.splitlines() if line.startswith("| pos: learned − none | better |"))
    difference = row.split("|")[3].strip()
    assert f"pos: learned $-$ none & better & {difference} &" in latex
    assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == 2
    for line in markdown.splitlines():
        if match := re.match(r"!\[.*\]\((.*)\)", line):
            assert (report / match[1]).exists()


def test_csvs_hold_fractions_by_axis(report):
    runs, cells, effects = (pd.read_csv(report / name) for name in CSVS)
    assert list(runs.columns[:4]) == ["pos", "patch", "state", "seed"]
    assert runs["state"].value_counts().to_dict() == {"done": 13, "not started": 2, "failed": 1}
    mean = runs[(runs["pos"] == "none") & (runs["patch"] == 7)]["test_acc"].mean()
    row = cells[(cells["pos"] == "none") & (cells["patch"] == 7)].iloc[0]
    assert (row["n"], row["failed"]) == (3, 1)
    assert row["test_acc_mean"] == pytest.approx(mean)
    assert effects["kind"].value_counts()["main"] == 2
    verdict = pd.read_csv(report / "verdict.csv")
    assert "best" in verdict["verdict"].tolist()
    assert verdict["verdict"].tolist()[-3:] == ["better", "better", "depends"]
    assert verdict["text"].tolist()[-3].startswith("pos: learned is better than none by ")
    assert effects[effects["name"] == "pos: learned − none"]["mean"].item() == pytest.approx(0.075, abs=0.01)


def test_names_that_are_markup_stay_text(tmp_path, told):
    nasty = '<b>&"$x_1|`'
    asked, records = made({"color": ["gray", nasty]}, [0, 1])
    records[0]["state"], records[0]["error"] = "failed", "<script>alert(1)</script>"
    written(tmp_path / "runs/made", asked, records)
    assert told("runs/made").code == 0
    report = tmp_path / "runs/made/report"
    page = (report / "report.html").read_text()
    outline(page)
    assert "<b>&" not in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;&amp;" in page
    assert r"$<$b$>$\&\"\$x\_1|`" in (report / "table.tex").read_text().replace('"', r"\"")
    assert r"\<b\>&\"$x\_1\|\`".replace(r"\"", '"') in (report / "report.md").read_text()


def test_groups_that_are_not_alike_get_a_part_each(tmp_path, told):
    asked, records = made({"pos": AXES["pos"]}, [0, 1, 2])
    other = made({"pos": AXES["pos"]}, [0, 1], recipe="07e500000000")[1]
    written(tmp_path / "runs/made", asked, [*records, *other])
    said = told("runs/made")
    assert "2 groups of runs cannot be compared, so each is alone; report.together=recipe joins them." in said.text
    report = tmp_path / "runs/made/report"
    headings = outline((report / "report.html").read_text()).headings
    assert "recipe 5ab1e0000000: 6 runs" in headings
    assert "recipe 07e500000000: 4 runs" in headings
    assert {file.stem for file in (report / "figures").glob("forest*.svg")} == {"forest-1", "forest-2"}
    assert sorted(pd.read_csv(report / "runs.csv")["group"].unique()) == [1, 2]


def test_a_lone_run_has_a_page_without_a_verdict(tmp_path, told):
    written(tmp_path / "runs/single", *made({}, [0], study="single"))
    assert told("runs/single").code == 0
    page = (tmp_path / "runs/single/report/report.html").read_text()
    assert "No two arms to compare." in page


def test_the_pareto_front_is_what_nothing_cheaper_beats():
    cost, accuracy = np.array([3.0, 1.0, 2.0, 2.0, 4.0]), np.array([0.9, 0.5, 0.8, 0.7, 0.9])
    assert pareto(cost, accuracy).tolist() == [1, 2, 0]


def test_letters_of_points_in_one_place_stand_together():
    places = np.array([[0.1, 0.8], [0.13, 0.81], [0.13, 0.95], [0.5, 0.95], [0.5, 0.1]])
    letters = {0: "a", 1: "b", 2: "c", 3: "d"}
    assert together(places, np.array([0, 1, 2, 3]), letters) == {0: "ab", 2: "c", 3: "d"}


@pytest.mark.parametrize(
    ("values", "scale"),
    [([90.0, 98.5, np.nan], "function"), ([94.0, 98.5], "linear"), ([90.0, 100.0], "linear"), ([], "linear")],
)
def test_accuracies_that_lie_far_apart_are_spaced_by_their_error(values, scale):
    axes = Figure().add_subplot()
    axes.plot(values, values)
    values_along(axes, "y", values, Measure())
    assert axes.get_yscale() == scale
    assert ("log scale of the error" in axes.get_ylabel()) == (scale == "function")
    low, high = axes.get_ylim()
    assert all(low < value < high for value in values if value == value)


def learned(axes, seeds, acc, **changes):
    """Findings and histories of a study: an accuracy at the one epoch that all runs have."""
    asked, records = made(axes, seeds, acc=acc)
    (found,), _ = find(*read(asked | changes, records), Criteria())
    done = found.runs[found.runs["state"] == "done"]
    rows = zip(done["cell"], done["seed"], done["test_acc"], strict=True)
    columns = ["cell", "seed", "epoch", "value"]
    return found, pd.DataFrame([(cell, seed, 1, acc) for cell, seed, acc in rows], columns=columns)


def test_curves_of_arms_leave_out_a_seed_that_lacks_a_run():
    def acc(cell, seed):
        bad = 0.5 if cell == {"pos": "none", "patch": "4"} else 0.9
        return None if (cell, seed) == ({"pos": "none", "patch": "4"}, 1) else bad

    arms = of_arms(*learned(AXES, [0, 1, 2], acc), "pos").set_index(["line", "seed"])["value"]
    assert arms.to_dict() == pytest.approx(
        {("none", 0): 0.7, ("none", 2): 0.7} | {("learned", seed): 0.9 for seed in range(3)}
    )


def test_curves_of_one_axis_at_a_time_are_those_that_the_verdict_compares():
    axes = AXES | {"pool": ["mean", "cls"]}
    cells = design(axes, {"pos": "learned", "patch": "4", "pool": "mean"}, kind="one_at_a_time").cells
    asked, _ = made(axes, [0, 1])
    found, histories = learned(
        axes,
        [0, 1],
        lambda cell, seed: {"4": 0.9, "7": 0.1}[cell["patch"]] if cell in cells else float("nan"),
        design={"kind": "one_at_a_time", "zip": []},
        runs=[run for run in asked["runs"] if run["cell"] in cells],
    )
    arms = of_arms(found, histories, "pos").groupby("line")["value"].mean()
    assert arms.to_dict() == pytest.approx({"none": 0.9, "learned": 0.9})
    assert interactions(found) is None


@pytest.mark.slow
def test_five_hundred_runs_take_seconds_and_a_small_page(tmp_path, told):
    axes = {"pos": ["none", "learned", "sinusoidal"], "patch": ["2", "4", "7", "14"], "pool": ["cls", "mean"]}
    written(tmp_path / "runs/big", *made(axes, list(range(21))))
    began = time.perf_counter()
    assert told("runs/big").code == 0
    assert time.perf_counter() - began < 60  # 7 s on two cores; the bound leaves room for a busy machine
    assert (tmp_path / "runs/big/report/report.html").stat().st_size < 5_000_000
