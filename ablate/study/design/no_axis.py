"""Why a key cannot be an axis, and what would have been meant by several values of it."""

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from ablate.config import schema
from ablate.config.grammar import typed
from ablate.config.sweeps import finite
from ablate.config.words import can_be_axis, key_of, shown
from ablate.study.design.around import around


def refused(overrides: list[Override], config: DictConfig) -> list[str]:
    """A line for each sweep over a key that says how a study is run, not what its runs are."""
    keys = [(key_of(f"{o.get_key_element()}="), o) for o in overrides if o.is_sweep_override()]
    return [line(key, override, config) for key, override in keys if not can_be_axis(key)]


def line(key: str, override: Override, config: DictConfig) -> str:
    word = shown([override.input_line or key])[0]
    raw = word.partition("=")[2]
    values = [schema.shown(value) for value in finite(override)]
    if key == "sweep.zip":
        return f"{word}: axes that move together stand in brackets: {typed(f'{key}=[{raw}]')}"
    if key == "sweep.tune":
        return f"{word}: each key that is tuned has its values in brackets: {typed(braces(values, config))}"
    if key == "sweep.seeds":
        named = typed(f"seed={raw}")
        return f"{word}: sweep.seeds is a number, as in sweep.seeds={len(values)}; seeds by name: {named}"
    if key == "study":
        return f"{word}: a command has one study: +study={values[0]}"
    return f"{word}: {key} does not change what a run is, so it is no axis; name one value: {key}={values[0]}"


def braces(words: list[str], config: DictConfig) -> str:
    """`sweep.tune={optim.lr:[...]}` with values around each key's own."""
    parts = []
    for word in words:
        try:
            key, values = around(word, config)
        except ValueError:
            key, values = word, ["...", "..."]
        parts.append(f"{key}:[{','.join(values)}]")
    return f"sweep.tune={{{','.join(parts)}}}"
