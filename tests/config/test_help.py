"""`--help`: what Hydra would print, without the second that Hydra takes for it."""

from pathlib import Path

import pytest


@pytest.mark.hydra
def test_it_is_what_hydra_prints(train):
    ours = train("--help")
    theirs = train("--help", "hydra.help.app_name=ablate.train")
    assert (ours.code, ours.err) == (0, "")
    assert ours.out == theirs.out
    assert "pos: learned, none" in ours.out
    assert "hydra/" not in ours.out


def test_own_choices_are_listed(train):
    folder = Path("mine/pos")
    folder.mkdir(parents=True)
    (folder / "spiral.yaml").write_text("_target_: mine.Spiral\n")
    (folder / ".#spiral.yaml").write_text("not a file of choices")
    said = train("--config-dir", "mine", "--help")
    assert "sinusoidal2d, spiral\n" in said.out
    assert "#" not in said.out
