"""The name of a study, which is a folder in runs/."""

from collections.abc import Iterable

from omegaconf import DictConfig, OmegaConf

from ablate.config.errors import UserError
from ablate.config.grammar import shortened
from ablate.config.schema import as_word
from ablate.config.words import name_of
from ablate.records import record
from ablate.records.damage import NewerFormat
from ablate.study.home import home_of

MOST_BYTES = 200  # a file system takes 255, and studies that belong to this one have longer names


def study_name(config: DictConfig, axes: Iterable[str]) -> str:
    """`name`, or the swept axes. UserError for what makes no folder of its own."""
    home = home_of(config.hydra.sweeper)
    given = config.get("name") if home.is_ours else config.hydra.sweeper.name
    if given is None or given == "":
        return within(name_of(axes), "the swept axes make a name")
    if not isinstance(given, str):
        value = OmegaConf.to_container(given) if OmegaConf.is_config(given) else given
        raise UserError(f"{home.name}={value}: not a word{as_word(home.name, value, str)}")
    if {".", ".."} & set(given.split("/")):
        raise UserError(
            f"{home.name}={given}: not a folder of its own in runs/; "
            f"{home.name}={given.strip('./') or 'main'} is one"
        )
    return within(given, f"{home.name}={shortened(given)}: a name")


def axes_before(config: DictConfig) -> dict[str, str]:
    """The axes of the study that is named, where there is one, each with its arm in the baseline.

    They stay axes if a command has one arm of them.
    """
    home = home_of(config.hydra.sweeper)
    given = config.get("name") if home.is_ours else config.hydra.sweeper.name
    if not isinstance(given, str) or not given:
        return {}
    try:
        return record.read_plan(home.folder(config, given)).baseline
    except (OSError, ValueError, NewerFormat):  # none there, or none to go on with, which the study says itself
        return {}


def within(name: str, what: str) -> str:
    if (size := len(name.encode())) > MOST_BYTES:
        raise UserError(f"{what} of {size} letters; {MOST_BYTES} make a folder. Give a shorter one with name=...")
    return name
