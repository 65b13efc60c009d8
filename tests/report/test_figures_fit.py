"""Figures have room for all their texts, however many axes there are and whatever they are called."""

import itertools

import made_study
import numpy as np
import pandas as pd
import pytest
from made_study import made, read, written
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ablate.report.figures import fonts
from ablate.report.figures.cells import cells
from ablate.report.figures.cost import cost
from ablate.report.figures.curves import curves
from ablate.report.figures.forest import forest
from ablate.report.figures.interactions import interactions
from ablate.report.findings import Criteria, Findings, find
from ablate.report.pages.render import quiet
from ablate.report.read import histories

SIX = {
    "pos": ["none", "sinusoidal2d"],
    "patch": ["4", "7"],
    "pool": ["mean", "cls"],
    "norm": ["layernorm", "rmsnorm"],
    "model.depth": ["4", "6"],
    "optim.weight_decay": ["0.05", "0.1"],
}
LONG = {
    "pos": ["a_choice_with_a_name_that_is_much_longer_than_one_would_wish_for", "x" * 90, "none"],
    "a_group_with_a_long_name.of_a_key": ["true and false and many other words besides, in one name", "7"],
}
MANY = {"pos": [f"sinusoidal{number}" for number in range(14)], "pool": ["mean", "cls"]}
STRANGE = {"pos": ["无", "学习的"], "pool": ["mean", "🦄 cls"], "norm": ["نورم", "$x^2"]}
LONE: dict[str, list[str]] = {}
STUDIES = {"six": SIX, "long": LONG, "many": MANY, "strange": STRANGE, "lone": LONE}


def truth(cell: dict[str, str], seed: int) -> float:
    """Effects of all axes, interactions of all pairs, and noise."""
    signs = [int(choice == max(cell.values())) for choice in cell.values()]
    noise = np.random.default_rng([seed, *(" ".join(cell.values()).encode())]).standard_normal()
    both = sum(a * b for a, b in itertools.combinations(signs, 2))
    return 0.9 + 0.01 * sum(signs) + 0.02 * both + 0.0004 * noise


@pytest.fixture(scope="module", params=STUDIES)
def study(request, tmp_path_factory) -> tuple[Findings, pd.DataFrame]:
    levels = STUDIES[request.param]
    before, made_study.DEFAULTS = made_study.DEFAULTS, made_study.DEFAULTS | {"patch": "4", "pool": "mean"}
    try:
        asked, runs = made(levels, [0, 1, 2], study=request.param, acc=truth)
    finally:
        made_study.DEFAULTS = before
    folder = written(tmp_path_factory.mktemp("runs") / request.param, asked, runs)
    runs = [{**run, "folder": str(folder / run["id"])} for run in runs]
    (found,), _ = find(*read(asked, runs), Criteria())
    return found, histories.read(found.runs, "val_acc")


@pytest.mark.parametrize("draw", [cells, forest, cost, interactions, curves], ids=lambda draw: draw.__doc__[:20])
def test_nothing_is_cut_off_and_panels_keep_their_room(study, draw):
    found, epochs = study
    figure = draw(found, epochs) if draw is curves else draw(found)
    if figure is None:
        pytest.skip("nothing to draw")
    canvas = FigureCanvasAgg(figure)
    with quiet():  # and any other warning of matplotlib's is an error
        canvas.draw()
        drawn = figure.get_tightbbox(canvas.get_renderer())
    assert drawn.x0 > -0.02
    assert drawn.y0 > -0.02
    assert drawn.x1 < figure.get_figwidth() + 0.02
    assert drawn.y1 < figure.get_figheight() + 0.02
    for axes in figure.axes:
        box = axes.get_position()
        assert box.width * figure.get_figwidth() > 1.4, "a panel that leaves nothing to see"
        assert box.height * figure.get_figheight() > 0.4, "a panel that leaves nothing to see"


def test_a_text_is_broken_at_spaces_then_at_signs_then_anywhere():
    assert fonts.wrapped("one two three", 100) == "one two three"
    assert fonts.wrapped("one two three", fonts.inches("one two ")) == "one two\nthree"
    assert fonts.wrapped("optim.weight_decay", fonts.inches("weight_decay ")) == "optim.weight_\ndecay"
    lines = fonts.wrapped("x" * 90, 1.0).split("\n")
    assert "".join(lines) == "x" * 90
    assert all(fonts.inches(line) <= 1.0 for line in lines)


def test_characters_that_no_font_has_are_known():
    assert fonts.missing(["cls é −", "a𒀀", "𒀀"]) == "𒀀"
