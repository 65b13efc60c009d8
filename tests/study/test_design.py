"""Cells of the designs, and fractions against published tables and against their own columns of signs."""

import itertools
from collections import Counter

import numpy as np
import pytest

from ablate.records.study_plan import DesignFacts
from ablate.study.design.cells import design
from ablate.study.design.fraction import FEWEST, MOST, regular

AXES = {"pos": ["none", "learned", "rope"], "patch": ["4", "7"], "model.dim": ["64", "96"]}
BASELINE = {"pos": "learned", "patch": "4", "model.dim": "64"}


def two_level(count: int) -> dict[str, list[str]]:
    return {f"axis{i}": ["low", "high"] for i in range(count)}


def rows(cells: list[dict[str, str]]) -> list[str]:
    return [" ".join(cell.values()) for cell in cells]


def test_a_full_grid_is_every_combination_in_the_order_of_hydra():
    found = design(AXES, BASELINE)
    assert rows(found.cells) == [" ".join(c) for c in itertools.product(*AXES.values())]
    assert found.facts() == DesignFacts(kind="full", zip=[], resolution=None, aliases=[])


def test_one_at_a_time_is_the_baseline_and_each_other_arm():
    found = design(AXES, BASELINE, kind="one_at_a_time")
    assert rows(found.cells) == ["learned 4 64", "none 4 64", "rope 4 64", "learned 7 64", "learned 4 96"]
    assert found.facts().kind == "one_at_a_time"


def test_a_baseline_that_is_no_arm_is_trained_all_the_same():
    found = design({"pos": ["none", "rope"], "patch": ["7"]}, BASELINE, kind="one_at_a_time")
    assert rows(found.cells) == ["learned 4", "none 4", "rope 4", "learned 7"]


@pytest.mark.parametrize("zipped", [["patch", "model.dim"], [["patch", "model.dim"]], ("patch", "model.dim")])
def test_zipped_axes_move_together(zipped):
    found = design(AXES, BASELINE, zipped=zipped)
    assert rows(found.cells) == [f"{pos} {rest}" for pos in AXES["pos"] for rest in ("4 64", "7 96")]
    assert found.facts().zip == [["patch", "model.dim"]]
    assert rows(design(AXES, BASELINE, kind="one_at_a_time", zipped=zipped).cells) == [
        *("learned 4 64", "none 4 64", "rope 4 64", "learned 7 96")
    ]


def test_a_zipped_list_may_name_a_choice_twice():
    axes = {"patch": ["4", "4", "7"], "model.dim": ["64", "96", "96"]}
    found = design(axes, {}, zipped=["model.dim", "patch"])
    assert [(c["patch"], c["model.dim"]) for c in found.cells] == [("4", "64"), ("4", "96"), ("7", "96")]
    assert found.zip == [["model.dim", "patch"]]


def test_two_groups_may_be_zipped_and_neighbours_stay_in_order():
    axes = {"a": ["1", "2"], "b": ["3", "4"], "c": ["5", "6"], "d": ["7", "8"]}
    found = design(axes, {}, zipped=[["a", "c"], ["b", "d"]])
    assert [tuple(cell[x] for x in "abcd") for cell in found.cells] == [
        *[("1", "3", "5", "7"), ("1", "4", "5", "8"), ("2", "3", "6", "7"), ("2", "4", "6", "8")]
    ]


def test_a_choice_given_twice_is_one():
    assert rows(design({"pos": ["none", "none"]}, {}).cells) == ["none"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"kind": "half"},
            "sweep.design=half: no such design; full, one_at_a_time, fraction are",
        ),
        (
            {"kind": "fraction"},
            "sweep.design=fraction takes axes of two arms: pos has 3 (none, learned, rope); "
            "name two choices of each axis, or take sweep.design=one_at_a_time",
        ),
        (
            {"zipped": ["patch", "pos"]},
            "sweep.zip=[patch,pos]: patch has 2, pos has 3; axes that move together need equally many choices",
        ),
        (
            {"zipped": ["patch", "pool"]},
            "sweep.zip=[patch,pool]: pool is not swept; the swept axes are pos, patch, model.dim",
        ),
        ({"zipped": ["patch"]}, "sweep.zip=[patch]: two axes or more move together"),
        (
            {"zipped": [["patch", "model.dim"], ["patch", "pos"]]},
            "sweep.zip=[patch,model.dim]: patch is named twice; an axis moves with one group",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(changes, line):
    with pytest.raises(ValueError) as said:  # noqa: PT011
        design(AXES, BASELINE, **changes)
    assert str(said.value) == line


@pytest.mark.parametrize(("count", "given"), [(1, "1 is swept"), (2, "2 are swept"), (17, "17 are swept")])
def test_a_fraction_of_too_few_or_too_many_axes(count, given):
    with pytest.raises(ValueError, match=f"^sweep.design=fraction takes 3 to 16 axes of two arms, {given}; "):
        design(two_level(count), {}, kind="fraction")


def test_a_fraction_counts_zipped_axes_as_one():
    axes = {**two_level(3), "patch": ["4", "7"], "model.dim": ["64", "96"]}
    found = design(axes, {}, kind="fraction", zipped=["patch", "model.dim"])
    assert (len(found.cells), found.resolution) == (8, 4)
    assert {(cell["patch"], cell["model.dim"]) for cell in found.cells} == {("4", "64"), ("7", "96")}
    mixed = {tuple(m["effect"]): m["with"] for m in found.facts().aliases}
    assert mixed[("axis0", "patch+model.dim")] == [["axis1", "axis2"]]


def test_a_fraction_holds_the_baseline():
    for count in range(FEWEST, 9):
        axes = two_level(count)
        for baseline in (
            dict.fromkeys(axes, "high"),
            dict.fromkeys(axes, "low"),
            dict(zip(axes, ["high", "low"] * 8, strict=False)),
        ):
            assert baseline in design(axes, baseline, kind="fraction").cells


# Word-length patterns of minimum aberration designs: Chen, Sun & Wu (1993), tables of 16 and 32 runs, and the
# small ones of Box, Hunter & Hunter (2005), table 6.22. {letters: words}
PUBLISHED = {
    3: (4, {3: 1}),
    4: (8, {4: 1}),
    5: (16, {5: 1}),
    6: (16, {4: 3}),
    7: (16, {4: 7}),
    8: (16, {4: 14, 8: 1}),
    9: (32, {4: 6, 5: 8, 8: 1}),
    10: (32, {4: 10, 5: 16, 8: 5}),
    11: (32, {4: 25, 6: 27, 8: 10, 10: 1}),
    12: (32, {4: 38, 6: 52, 8: 33, 10: 4}),
    13: (32, {4: 55, 6: 96, 8: 87, 10: 16, 12: 1}),
    14: (32, {4: 77, 6: 168, 8: 203, 10: 56, 12: 7}),
    15: (32, {4: 105, 6: 280, 8: 435, 10: 168, 12: 35}),
    16: (32, {4: 140, 6: 448, 8: 870, 10: 448, 12: 140, 16: 1}),
}


@pytest.mark.parametrize("count", PUBLISHED)
def test_fractions_are_the_published_ones_of_minimum_aberration(count):
    runs, pattern = PUBLISHED[count]
    found = regular([f"axis{i}" for i in range(count)])
    assert dict(Counter(word.bit_count() for word in found.words)) == pattern
    assert found.resolution == min(pattern)
    assert 2**count // (len(found.words) + 1) == runs


def test_every_size_that_is_offered_is_in_the_table():
    assert list(PUBLISHED) == list(range(FEWEST, MOST + 1))


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 9])
def test_aliases_are_what_the_signs_of_the_cells_say(count):
    """Brute force: effects are mixed when their columns over the cells that are trained are equal or opposite."""
    axes = two_level(count)
    found = design(axes, dict.fromkeys(axes, "low"), kind="fraction")
    signs = np.array([[1 if choice == "low" else -1 for choice in cell.values()] for cell in found.cells])
    columns = {
        tuple(f"axis{i}" for i in term): signs[:, term].prod(1)
        for size in (1, 2, 3)
        for term in itertools.combinations(range(count), size)
    }
    mixed = {
        term: {other for other, sign in columns.items() if other != term and abs(column @ sign) == len(signs)}
        for term, column in columns.items()
        if len(term) < 3
    }
    assert {term: set(others) for term, others in found.aliases.items()} == {t: m for t, m in mixed.items() if m}
    assert len(found.cells) == len(set(rows(found.cells))) == PUBLISHED[count][0]


def test_main_effects_are_estimable_and_balanced():
    for count in range(FEWEST, 12):
        cells = design(two_level(count), {}, kind="fraction").cells
        signs = np.array([[1, *(1 if choice == "low" else -1 for choice in cell.values())] for cell in cells])
        assert np.array_equal(signs.T @ signs, len(cells) * np.eye(count + 1))
