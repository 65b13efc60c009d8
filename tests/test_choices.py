"""The contract of every file in conf/: found by folder, so a new choice is tested by being there."""

import re

import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from torch import nn

from ablate import CONF
from ablate.config import check
from ablate.config.hydra_versions import VERSION_BASE
from ablate.config.plain import choices_of, plain
from ablate.train import build
from ablate.train.experiment import VisionTransformer

WHOLE = {"study", "recipe", "aa", "hydra"}  # files that edit the whole config, or Hydra
CHOICES = sorted((f.parent.name, f.stem) for f in CONF.glob("*/*.yaml") if f.parent.name not in WHOLE)
NAMES = [f"{axis}={choice}" for axis, choice in CHOICES]
WIRED = re.findall(r"\$\{(\w+)\}", (CONF / "model" / "vit.yaml").read_text())  # the parts of our ViT
MODEL_AXES = {*WIRED, "color", "model"}
SMALL = ["data=synthetic", "model.dim=16", "model.depth=2", "model.heads=2"]


def configured(*overrides: str) -> tuple[dict, dict, dict]:
    """-> (resolved config, unresolved config, choices)."""
    with initialize_config_dir(str(CONF), **VERSION_BASE):
        cfg = compose("config", list(overrides), return_hydra_config=True)
    return plain(cfg, resolve=True), plain(cfg, resolve=False), choices_of(cfg.hydra)


def words(axis: str, choice: str) -> list[str]:
    sizes = [] if axis == "model" else SMALL[1:]
    return [f"{axis}='{choice}'", *sizes] + ([] if axis == "data" else SMALL[:1])


def model_of(config: dict) -> nn.Module:
    return build.model(config, (3 if config["color"]["_target_"].endswith("Rgb") else 1, 28, 28), 4)


def needs_a_name(axis: str, choice: str) -> list[str]:
    return ["model.name=resnet18"] if (axis, choice) == ("model", "timm") else []


def test_the_folder_is_really_read():
    assert ("pos", "none") in CHOICES
    assert ("model", "timm_vit_tiny") in CHOICES
    assert len(CHOICES) == len(list(CONF.glob("*/*.yaml"))) - len(
        [f for folder in WHOLE for f in CONF.glob(f"{folder}/*.yaml")]
    )
    assert len(CHOICES) >= 30


@pytest.mark.parametrize(("axis", "choice"), CHOICES, ids=NAMES)
def test_the_knobs_are_those_of_the_constructor(axis, choice):
    given = words(axis, choice) + needs_a_name(axis, choice)
    assert check.problems(*configured(*given), [axis] if axis != "model" else [], VisionTransformer.keys) == []


BUILT = [(axis, choice) for axis, choice in CHOICES if axis in MODEL_AXES]


@pytest.mark.parametrize(("axis", "choice"), BUILT, ids=[f"{a}={c}" for a, c in BUILT])
def test_maps_images_to_logits_and_trains_every_weight(axis, choice):
    config, _, _ = configured(*words(axis, choice), *needs_a_name(axis, choice))
    model = model_of(config)
    channels = 3 if choice == "rgb" else 1
    logits = model(torch.rand(3, channels, 28, 28))
    assert logits.shape == (3, 4)
    nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2])).backward()
    idle = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not [name for name in idle if not starts_silent(name)], idle


def starts_silent(name: str) -> bool:
    """Weights behind a scale that starts at zero (timm's residual networks) move from the second step on."""
    return name.startswith("net.layer")


@pytest.mark.parametrize(("axis", "choice"), CHOICES, ids=NAMES)
def test_differs_from_the_default(axis, choice):
    base, mine = configured(), configured(f"{axis}='{choice}'", *needs_a_name(axis, choice))
    if base[2][axis] == choice:
        pytest.skip("the default")
    assert base[1][axis] != mine[1][axis], "two files that say the same"


def test_numbers_are_quoted_in_defaults_lists():
    for file in CONF.rglob("*.yaml"):
        for entry in yaml.safe_load(file.read_text()).get("defaults", []) if file.read_text().strip() else []:
            if isinstance(entry, dict):
                (group, choice), *_ = entry.items()
                assert not isinstance(choice, (int, float)), f"{file}: {group}: {choice} must be in quotes"


def test_no_choice_is_named_like_a_yaml_boolean():
    assert not [n for n in NAMES if n.split("=")[1].lower() in {"on", "off", "yes", "no", "true", "false", "null"}]


STUDIES = sorted(f.stem for f in CONF.glob("study/*.yaml"))


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_says_how_to_run_it_and_sweeps_what_exists(study):
    text = (CONF / "study" / f"{study}.yaml").read_text()
    assert f"python -m ablate.train +study={study}" in text
    config, _, _ = configured(f"+study={study}")
    for key in yaml.safe_load(text)["hydra"]["sweeper"]["params"]:
        above, _, leaf = key.rpartition(".")
        assert leaf in (check.select(config, above) if above else config), key


def test_every_axis_has_its_module():
    homes = {"data": "data", "tracker": "tracking", "init": "train.init"}
    for folder in (f for f in CONF.iterdir() if f.is_dir() and f.name not in WHOLE):
        for file in folder.glob("*.yaml"):
            if "defaults:" in file.read_text():
                continue  # another size of a choice that is here
            target = re.search(r"_target_: (\S+)", file.read_text())
            assert target, file
            home = homes.get(folder.name, f"axes.{folder.name}")
            if target[1] != "ablate.vit.ViT":
                assert target[1].startswith(f"ablate.{home}."), f"{file} points to {target[1]}"
