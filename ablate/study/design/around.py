"""Numbers of the configuration, and values around them to try."""

from contextlib import suppress

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

FACTORS = (0.5, 1.0, 2.0)  # of a key's own value


def around(word: str, config: DictConfig) -> tuple[str, list[str]]:
    """`lr` -> optim.lr and half, once and twice its value. ValueError for a word that is no number's."""
    key = named(word, config)
    value = at(config, key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"{key} is no number; name values: {{{key}: [1e-3, 4e-3]}}")
    whole = isinstance(value, int)
    tried = [round(value * factor) if whole else value * factor for factor in FACTORS]
    return key, [f"{number:g}" for number in dict.fromkeys(tried)]


def named(word: str, config: DictConfig) -> str:
    """A key in full: `optim.lr` for lr, if there is one that ends so."""
    if word in config:
        return word
    groups = [f"{group}.{word}" for group in map(str, config) if group not in ("sweep", "hydra")]
    found = [key for key in groups if at(config, key) is not None]
    return found[0] if len(found) == 1 else word


def at(config: DictConfig, key: str) -> object:
    """The value of a key; None where there is none, or none yet, such as a folder of a run."""
    with suppress(OmegaConfBaseException):
        return OmegaConf.select(config, key, throw_on_missing=False)
    return None
