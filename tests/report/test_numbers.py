"""The numbers of a study equal those of independent implementations, and say when there are none."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from ablate.report.numbers.alias import aliases
from ablate.report.numbers.cells import cells_frame
from ablate.report.numbers.contrasts import interactions, main_effects, simple_effects
from ablate.report.numbers.effects import paired
from ablate.report.numbers.grid import Grid, filled
from ablate.report.numbers.images import bootstrap, per_class
from ablate.report.numbers.method import effects_frame
from ablate.report.numbers.paired import estimate, holm, verdicts
from ablate.report.numbers.pairing import pairing
from ablate.report.numbers.power import planned, power, seeds_needed
from ablate.report.numbers.sequential import next_seeds, sequential_frame, shares
from ablate.report.numbers.variance import REST, SEED, variance_frame, whole
from ablate.study.design.combinations import looks

AXES = {"pos": ["none", "learned"], "patch": ["4", "7", "14"], "pool": ["cls", "mean"]}


MEASURES = ["test_acc", "test_loss"]


def grid_of(axes: dict[str, list[str]], seeds: int, acc=None, cells=None) -> Grid:
    """A grid with an accuracy for each (cell, seed); None has no result."""
    cells = list(itertools.product(*axes.values())) if cells is None else cells
    asked = [(cell, seed) for cell in cells for seed in range(seeds)]
    rng = np.random.default_rng(1)
    results = [(c, s, 0.9 + 0.01 * rng.standard_normal() if acc is None else acc(c, s)) for c, s in asked]
    return filled(axes, asked, [r for r in results if r[2] is not None])


def long(grid: Grid) -> pd.DataFrame:
    rows = [
        dict(zip(grid.axes, cell, strict=True)) | {"seed": seed, "acc": grid.values[i, j]}
        for i, seed in enumerate(grid.seeds)
        for j, cell in enumerate(grid.cells)
    ]
    return pd.DataFrame(rows)


def test_paired_t_and_equivalence_agree_with_scipy_and_statsmodels():
    a, b = np.random.default_rng(0).normal(0.9, 0.01, (2, 7))
    found = estimate(b - a, margin=0.004)
    expected = stats.ttest_rel(b, a)
    low, high = expected.confidence_interval()
    assert [found.p, found.low, found.high] == pytest.approx([expected.pvalue, low, high], abs=1e-10)
    assert found.p_equivalent == pytest.approx(ttost_paired(b, a, -0.004, 0.004)[0], abs=1e-10)


def test_holm_agrees_with_multipletests_and_leaves_out_what_was_not_tested():
    p = np.random.default_rng(0).uniform(0, 0.1, (50, 9))
    expected = [multipletests(row, method="holm")[1] for row in p[:5]]
    np.testing.assert_allclose(holm(p)[:5], expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(holm(np.array([0.01, np.nan, 0.04, 0.03])), [0.03, np.nan, 0.06, 0.06])


def test_anova_agrees_with_anovarm():
    grid = grid_of(AXES, 5)
    values, _ = whole(grid)
    ours = variance_frame(values, grid.axes).set_index("term")
    theirs = AnovaRM(long(grid), "acc", "seed", list(AXES)).fit().anova_table
    for term in theirs.index:
        row = ours.loc[term.replace(":", " × ")]
        expected = theirs.loc[term, ["F Value", "Num DF", "Den DF", "Pr > F"]]
        np.testing.assert_allclose(
            row[["F", "df", "error_df", "p"]].astype(float), expected, rtol=1e-10, atol=1e-10
        )
    assert ours["share"].sum() == pytest.approx(1)


def test_shares_of_variance_go_to_what_varies():
    grid = grid_of(AXES, 3, acc=lambda cell, seed: 0.9 + 0.03 * (cell[0] == "none") + 0.01 * seed)
    share = variance_frame(whole(grid)[0], grid.axes).set_index("term")["share"]
    pos, seed = 0.015**2, 0.01**2 * 2 / 3
    assert share["pos"] == pytest.approx(pos / (pos + seed))
    assert share[SEED] == pytest.approx(seed / (pos + seed))
    assert share[REST] == pytest.approx(0)


def test_no_anova_without_a_full_grid_or_two_seeds():
    assert whole(grid_of(AXES, 3, cells=list(itertools.product(*AXES.values()))[1:])) == (
        None,
        "the cells are not a full grid",
    )
    assert whole(grid_of(AXES, 3, acc=lambda c, s: 0.9)) == (None, "all runs have the same accuracy")
    assert whole(grid_of(AXES, 1)) == (None, "fewer than two seeds are complete in all cells")


def test_main_effect_is_the_seedwise_mean_over_the_other_axes():
    grid = grid_of(AXES, 5)
    frame = effects_frame(grid, main_effects(grid), margin=0.001)
    assert len(frame) == 1 + 3 + 1
    means = long(grid).pivot_table(index="seed", columns="patch", values="acc")
    row = frame[frame["name"] == "patch: 14 − 7"].iloc[0]
    assert (row["df"], row["method"]) == (4, "paired"), "five seeds"
    expected = stats.ttest_rel(means["14"], means["7"])
    assert row["mean"] == pytest.approx((means["14"] - means["7"]).mean(), abs=1e-12)
    assert row["p"] == pytest.approx(expected.pvalue, abs=1e-10)
    np.testing.assert_allclose(frame["p_holm"], multipletests(frame["p"], method="holm")[1], atol=1e-10)


def test_interaction_is_the_difference_of_simple_effects():
    grid = grid_of(AXES, 4)
    found = interactions(grid, main_effects(grid))
    assert len(found) == 3 + 1 + 3
    one = found[0]
    assert one.name == "pos × patch: learned − none, 7 − 4"
    at_4, at_7 = (paired(grid, c)[0] for c in simple_effects(grid, one)[:2])
    np.testing.assert_allclose(paired(grid, one)[0], at_7 - at_4, atol=1e-12)
    means = long(grid).query("patch == '7'").pivot_table(index="seed", columns="pos", values="acc")
    np.testing.assert_allclose(at_7, means["learned"] - means["none"], atol=1e-12)
    assert [c.name for c in simple_effects(grid, one)][:2] == [
        "pos: learned − none at patch=4",
        "pos: learned − none at patch=7",
    ]


def test_baseline_mode_compares_each_arm_with_the_baseline_only():
    grid = grid_of(AXES, 2)
    names = [c.name for c in main_effects(grid, {"patch": "7"})]
    assert names == ["pos: learned − none", "patch: 4 − 7", "patch: 14 − 7", "pool: mean − cls"]


def test_incomplete_seeds_are_named_and_only_complete_ones_count():
    missing = {(("none", "7", "cls"), 2), (("learned", "4", "mean"), 0)}
    grid = grid_of(AXES, 5, acc=lambda c, s: None if (c, s) in missing else 0.9 + 0.001 * s * (c[0] == "none"))
    contrast = main_effects(grid)[0]
    differences, seeds, _, left_out = paired(grid, contrast)
    assert seeds == [1, 3, 4]
    np.testing.assert_allclose(differences, [-0.001, -0.003, -0.004])
    assert left_out == ["patch=4 pool=mean seed=0", "patch=7 pool=cls seed=2"]


def test_an_arm_that_never_trained_in_one_context_leaves_that_context_out():
    def acc(cell, seed):
        return None if cell[:2] == ("none", "14") else 0.9 + 0.01 * (cell[0] == "none") + 0.001 * seed

    grid = grid_of(AXES, 3, acc=acc)
    differences, seeds, _, left_out = paired(grid, main_effects(grid)[0])
    np.testing.assert_allclose(differences, -0.01)
    assert seeds == [0, 1, 2]
    assert left_out == [f"patch=14 pool={p} (fewer than two complete pairs)" for p in ("cls", "mean")]


@pytest.mark.parametrize("seeds", [0, 1])
def test_without_two_complete_pairs_there_is_no_verdict(seeds):
    grid = grid_of({"pos": ["none", "learned"]}, 2, acc=lambda c, s: 0.9 if s < seeds else None)
    row = effects_frame(grid, main_effects(grid), margin=0.001).iloc[0]
    assert (row["n"], row["verdict"]) == (seeds, "none")
    assert np.isnan(row["low"])


def test_seeds_that_all_say_exactly_the_same_allow_no_verdict():
    grid = grid_of({"pos": ["none", "learned"]}, 4, acc=lambda c, s: 0.9 + 0.01 * (c[0] == "none"))
    row = effects_frame(grid, main_effects(grid), margin=0.001).iloc[0]
    assert (row["mean"], row["verdict"]) == (pytest.approx(-0.01), "none")


def test_the_words_of_the_verdict():
    mean = np.array([0.01, -0.01, 0.0002, 0.0002, 0.01, 0.01])
    p = np.array([0.01, 0.01, 0.01, 0.6, 0.06, np.nan])
    p_equivalent = np.array([1, 1, 0.02, 0.02, 0.9, np.nan])
    assert list(verdicts(mean, p, p_equivalent)) == [
        "better",
        "worse",
        "equivalent",
        "equivalent",
        "undecided",
        "none",
    ]


def test_power_and_seeds_agree_with_statsmodels():
    assert power(0.001, 0.002, 20, 0.01) == pytest.approx(TTestPower().power(0.5, 20, 0.01), abs=1e-12)
    exact = TTestPower().solve_power(0.5, alpha=0.01, power=0.8)
    assert seeds_needed(0.001, 0.002, 0.01) == int(np.ceil(exact))
    assert power(0.06, 0.0015, 2, 0.0083) == pytest.approx(0.5, abs=0.2)  # two seeds know little of their spread
    assert seeds_needed(0.1, 0.001, 0.05) == 2
    assert seeds_needed(1e-9, 0.01) is None
    assert seeds_needed(0.0, 0.01) is None


def test_undecided_contrasts_say_how_many_seeds_would_tell():
    rng = np.random.default_rng(3)
    acc = {(p, s): 0.9 + 0.002 * rng.standard_normal() for p in ("none", "learned") for s in range(3)}
    grid = grid_of({"pos": ["none", "learned"]}, 3, acc=lambda c, s: acc[c[0], s])
    row = planned(effects_frame(grid, main_effects(grid), margin=0.001), margin=0.001).iloc[0]
    assert row["verdict"] == "undecided"
    assert row["seeds_needed"] == seeds_needed(max(abs(row["mean"]), 0.001), row["sd"], 0.05)


def test_planning_uses_the_level_that_holm_leaves_to_the_open_questions():
    frame = pd.DataFrame({"mean": [0.0005, 0.003, 0.1], "sd": [0.002, 0.004, 0.002], "n": [3, 3, 3]})
    frame = frame.assign(method="paired")
    frame = frame.assign(p_holm=[0.9, 0.3, 0.001], verdict=["undecided", "undecided", "better"])
    seen = planned(frame, margin=0.001)
    assert seen["seeds_needed"].tolist() == [
        seeds_needed(0.001, 0.002, 0.025),
        seeds_needed(0.003, 0.004, 0.025),
        pd.NA,
    ]
    given = planned(frame, margin=0.001, effect=0.002)
    assert given["seeds_needed"].tolist() == [seeds_needed(0.002, sd, 0.025) for sd in frame["sd"]]


FRACTION = [("a", "a", "b"), ("a", "b", "a"), ("b", "a", "a"), ("b", "b", "b")]


def test_a_fraction_names_its_aliases_and_still_has_main_effects():
    axes = {"x": ["a", "b"], "y": ["a", "b"], "z": ["a", "b"]}
    grid = grid_of(axes, 3, cells=FRACTION, acc=lambda c, s: 0.9 + 0.02 * (c[1] == "b") + 0.001 * s)
    mains = main_effects(grid)
    assert [c.name for c in mains] == ["x: b − a", "y: b − a", "z: b − a"]
    np.testing.assert_allclose([paired(grid, c)[0].mean() for c in mains], [0, 0.02, 0], atol=1e-12)
    assert aliases(grid)[("x",)] == [("y", "z")]
    assert aliases(grid)[("x", "y")] == [("z",)]
    assert interactions(grid, mains) == []
    assert aliases(grid_of(axes, 2)) == {}


def test_an_unbalanced_remainder_of_a_grid_has_no_effect_that_it_cannot_show():
    cells = [("none", "4"), ("learned", "7")]
    assert main_effects(grid_of({"pos": ["none", "learned"], "patch": ["4", "7"]}, 2, cells=cells)) == []


def test_two_results_for_one_run_are_refused():
    with pytest.raises(ValueError, match=r"two results for cell none seed=0: these are not runs of one recipe"):
        filled({"pos": []}, [], [(("none",), 0, 0.9), (("none",), 0, 0.8)])


def test_cells_have_interval_best_worst_and_what_is_missing():
    rows = [("done", 0, 0.98), ("done", 1, 0.99), ("failed", 2, None), ("not started", 3, None)]
    runs = pd.DataFrame(
        [
            {
                "cell": ("none",),
                "state": state,
                "counted": state == "done",
                "seed": seed,
                "test_acc": acc,
                "test_loss": acc and 1 - acc,
            }
            | dict.fromkeys(["tokens", "params", "flops_per_image", "train_flops"], 7 if acc else None)
            | dict.fromkeys(["images_per_s", "train_s", "peak_bytes"], None)
            for state, seed, acc in rows
        ]
    )
    row = cells_frame(runs, MEASURES).iloc[0]
    low, high = stats.t.interval(0.95, 1, loc=0.985, scale=stats.sem([0.98, 0.99]))
    assert (row["n"], row["asked"], row["failed"], row["waiting"]) == (2, 4, 1, 1)
    assert [row["test_acc_low"], row["test_acc_high"]] == pytest.approx([low, high], abs=1e-10)
    assert (row["best_seed"], row["worst_seed"], row["best_acc"], row["tokens"]) == (1, 0, 0.99, 7)
    assert row["test_loss_mean"] == pytest.approx(0.015)
    assert np.isnan(row["images_per_s"])
    lone = cells_frame(runs[:1], MEASURES).iloc[0]
    assert (lone["n"], lone["test_acc_mean"]) == (1, 0.98)
    assert np.isnan([lone["test_acc_sd"], lone["test_acc_low"]]).all()
    none = cells_frame(runs[2:], MEASURES).iloc[0]
    assert (none["n"], none["best_seed"]) == (0, None)


def test_bootstrap_interval_has_the_width_of_seed_and_image_variance_together():
    rng = np.random.default_rng(0)
    seeds, images = 20, 2000
    differences = 0.05 * rng.standard_normal((1, seeds, 1)) + rng.standard_normal((1, 1, images))
    ((low, high),) = bootstrap(differences)
    spread = np.sqrt(differences[0].mean(1).var(ddof=1) / seeds + differences[0].mean(0).var() / images)
    assert (high - low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.06)
    assert (low + high) / 2 == pytest.approx(differences.mean(), abs=0.2 * spread)
    alone = bootstrap(differences[:, :1])[0]
    assert np.diff(alone) / (2 * 1.96 * differences[0, 0].std() / np.sqrt(images)) == pytest.approx(1, abs=0.06)


def test_bootstrap_is_not_too_narrow_with_few_seeds():
    seeds = stats.norm.ppf([0.1, 0.3, 0.5, 0.7, 0.9])
    ((low, high),) = bootstrap(np.tile(seeds[None, :, None], (1, 1, 10)), resamples=20_000)
    assert (high - low) / (2 * 1.96 * stats.sem(seeds)) == pytest.approx(1, abs=0.06)


def test_per_class_differences():
    label = np.repeat([0, 1, 2], 100)
    differences = np.zeros((3, 300))
    differences[:, :10] = 1
    differences[1, 10] = -1
    frame = per_class(differences, label)
    assert list(frame["images"]) == [100, 100, 100]
    assert frame["mean"][0] == pytest.approx(np.mean([0.1, 0.09, 0.1]))
    assert frame["p_holm"][0] == pytest.approx(stats.ttest_1samp([0.1, 0.09, 0.1], 0).pvalue)
    assert frame["mean"][1] == 0


def test_looks_and_the_level_they_share():
    assert looks(3, 10, 3) == [3, 6, 9, 10]
    assert looks(5, 5, 1) == [5]
    np.testing.assert_allclose(shares([3, 6, 9, 12]), np.array([9, 27, 45, 63]) / 144)
    with pytest.raises(ValueError, match="needs 2 <= min <= max and a step of 1 or more"):
        looks(1, 5, 2)


def test_sequential_p_is_the_smallest_of_the_looks_each_at_its_share():
    rng = np.random.default_rng(5)
    acc = {
        (p, s): 0.9 + 0.002 * (p == "learned") + 0.002 * rng.standard_normal()
        for p in ("none", "learned")
        for s in range(6)
    }
    grid = grid_of({"pos": ["none", "learned"]}, 6, acc=lambda c, s: acc[c[0], s])
    contrasts = main_effects(grid)
    at = [3, 6, 9]
    row = sequential_frame(grid, contrasts, 0.001, at).iloc[0]
    differences, *_ = paired(grid, contrasts[0])
    p = [stats.ttest_1samp(differences[:n], 0).pvalue for n in (3, 6)]
    assert row["p"] == pytest.approx(min(p[0] / (9 / 81), p[1] / (27 / 81), 1))
    assert (row["low"], row["high"]) == pytest.approx(
        tuple(stats.ttest_1samp(differences, 0).confidence_interval(1 - 0.05 * 27 / 81))
    )


def test_only_undecided_contrasts_get_more_seeds():
    rng = np.random.default_rng(5)
    mean = {"none": 0.8, "learned": 0.9, "sinusoidal": 0.9}
    acc = {(p, s): mean[p] + 0.001 * rng.standard_normal() for p in mean for s in range(3)}
    grid = grid_of({"pos": list(mean)}, 3, acc=lambda c, s: acc[c[0], s])
    contrasts, at = main_effects(grid), [3, 6, 9]
    frame = sequential_frame(grid, contrasts, 0.0005, at)
    assert list(frame["verdict"]) == ["better", "better", "undecided"]
    assert next_seeds(grid, contrasts, frame, at) == {("learned",): 6, ("sinusoidal",): 6}
    assert next_seeds(grid, contrasts, frame, [3]) == {}


def test_what_pairing_saves_is_the_covariance_and_not_the_correlation():
    """Of two cells that go together, one ten times as steady, pairing takes a fifth off and not all."""
    seeds = np.array([0.0, 1.0, 3.0, 2.0])
    seen = pairing(np.stack([seeds, 10 * seeds], -1))
    assert seen.correlation == pytest.approx(1)
    assert seen.saved == pytest.approx(1 - np.var(9 * seeds) / (np.var(seeds) + np.var(10 * seeds)))
    assert seen.saved == pytest.approx(20 / 101)
    assert pairing(np.stack([seeds, seeds + 1], -1)) == (1, 1, 1)
    assert pairing(np.zeros((4, 3))).pairs == pairing(np.ones((2, 2))).pairs == 0
