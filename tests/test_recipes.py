"""Recipes compose, and are planned without a mistake; the one with the defaults' values is the defaults."""

import pytest
from hydra import compose, initialize_config_dir

from ablate import CONF
from ablate.config import check
from ablate.config.hydra_versions import VERSION_BASE
from ablate.config.plain import choices_of, plain
from ablate.records import record
from ablate.train.experiment import VisionTransformer

RECIPES = sorted(file.stem for file in CONF.glob("recipe/*.yaml"))


def composed(*words):
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        cfg = compose("config", list(words), return_hydra_config=True)
    return plain(cfg, resolve=True), plain(cfg, resolve=False), choices_of(cfg.hydra)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_composes_says_how_to_run_it_and_builds(recipe):
    text = (CONF / "recipe" / f"{recipe}.yaml").read_text()
    assert f"python -m ablate.train recipe={recipe}" in text
    config, unresolved, choices = composed(f"recipe={recipe}")
    assert check.problems(config, unresolved, choices, [], VisionTransformer.keys) == []
    assert VisionTransformer().dry_build(config).problems == []


def test_small_is_what_there_is_without_a_recipe():
    assert record.identity(composed("recipe=small")[0]) == record.identity(composed()[0])


def test_cifar_takes_a_recipe_of_parts_and_a_word_overrules_it():
    config, _, choices = composed("recipe=cifar", "aug=cutmix")
    assert (choices["data"], choices["color"], choices["aug"]) == ("cifar10", "rgb", "cutmix")
    assert (config["model"]["dim"], config["model"]["depth"]) == (192, 6)
