"""Tables that fit: no word is broken, no name is lost, and what is left out is named."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from ablate.console import FittedTable, prose

AXES = ["pos", "patch", "model.depth", "optim.weight_decay"]
CELLS = [["none", "4", "6", "0.05"], ["sinusoidal2d", "7", "6", "0.1"], ["学习的", "🦄 cls", "6", "0.1"]]
NUMBERS = ["test acc %", "n", "tokens", "FLOPs\n/image"]


def shown(width: int, *, least: int = 2, axes: list[str] = AXES, cells: list[list[str]] = CELLS) -> list[str]:
    table = FittedTable(axes, NUMBERS, least=least)
    for cell in cells:
        table.add(cell, ["98.81 ± 0.07", "3", "49", "19.7M"])
    console = Console(file=StringIO(), width=width)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_every_name_and_what_is_asked_for_is_there_whole(width):
    lines = shown(width)
    words = {word for line in lines for word in line.replace("=", " ").split()}
    assert words >= {name for cell in CELLS for text in cell for name in text.split()}
    assert "no room here for" in " ".join(lines) or "19.7M" in words
    assert sum("98.81 ± 0.07" in line for line in lines) == 3
    assert max(map(cell_len, lines)) <= width


def test_numbers_leave_from_the_right_and_are_named():
    heads = [line.split() for line in shown(80)[:2]]
    assert heads == [
        ["model.", "optim.", "FLOPs"],
        ["pos", "patch", "depth", "weight_decay", *["test", "acc", "%", "n", "tokens", "/image"]],
    ]
    assert shown(80)[2].split()[-1] == "19.7M"
    assert "49" in shown(64)[2]
    assert "19.7M" not in "".join(shown(64))
    assert shown(64)[-1] == "no room here for FLOPs/image"


def test_where_the_names_alone_do_not_fit_each_row_has_lines_of_its_own():
    assert shown(40)[:3] == [
        "pos=none patch=4 model.depth=6",
        "optim.weight_decay=0.05",
        "  test acc % 98.81 ± 0.07  n 3",
    ]
    assert shown(40, least=4)[2:4] == ["  test acc % 98.81 ± 0.07  n 3", "  tokens 49  FLOPs/image 19.7M"]


def test_without_an_axis_there_are_only_numbers():
    assert shown(80, axes=[], cells=[[]])[-1].split() == ["98.81", "±", "0.07", "3", "49", "19.7M"]


def test_a_sentence_is_wrapped_between_words_at_a_terminal_and_left_whole_in_a_file():
    sentence = "Differences are in percentage points of test accuracy, paired by seed and averaged over the cells."
    for is_terminal in (True, False):
        shown = Console(file=StringIO(), width=40, force_terminal=is_terminal, soft_wrap=True, no_color=True)
        prose(shown, sentence)
        lines = shown.file.getvalue().splitlines()
        assert " ".join(line.strip() for line in lines) == sentence
        assert (len(lines) > 1 and max(map(len, lines)) <= 40) is is_terminal
