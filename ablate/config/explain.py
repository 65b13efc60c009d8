"""What Hydra, OmegaConf or YAML found wrong with an input, in one line that says what would have worked."""

import re
import sys

from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    InstantiationException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
)
from yaml import MarkedYAMLError, YAMLError

from ablate.config import folders, grammar, raised
from ablate.config.errors import UserError, hint
from ablate.config.words import key_of

WRONG_INPUT = (UserError, HydraException, OmegaConfBaseException, YAMLError)  # what explain() is for

# What Hydra says of a word, and what is better said; {word} is the word as it was typed, {plain} without its sign.
HYDRAS = {
    r"Could not override '(?P<key>[\w/]+)'\. No match in the defaults list": "{word}: needs a plus sign: +{plain}",
    r"Multiple values for (?P<key>[\w/]+)\.": "{word}: {key} has a choice already; without the plus sign: {plain}",
    r"Could not append to config. An item is already at '(?P<key>[\w.]+)'": (
        "{word}: {key} has a value already; without the plus sign: {plain}"
    ),
    r"force-add of config groups is not supported: '\+\+(?P<key>[\w/]+)=": (
        "{word}: a choice takes no plus signs: {plain}"
    ),
    r"Could not delete from config. '(?P<key>[\w.]+)' does not exist": (
        "{word}: there is no {key} with a value to take away; leave the word out"
    ),
    r"Could not delete '(?P<key>[\w/]+)'": "{word}: there is no {key} to take away; leave the word out",
    r"Could not override '(?P<key>[\w/]+)@": "{word}: a choice has its one place here; without the @: {plain}",
    r"Sweeping over Hydra's configuration is not supported : '(?P<key>[\w./]+)=": (
        "{word}: a setting of Hydra's is no axis; name one value of {key}"
    ),
}


def explain(error: BaseException) -> str:
    """A user's mistake in one line: what, and what would have worked."""
    cause = error.__cause__
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, YAMLError):
        return of_yaml(error)
    if isinstance(error, OverrideParseException):
        return grammar.told(error.override)
    if isinstance(error, MissingConfigException) and error.options is not None and error.missing_cfg_file:
        group, _, choice = str(error.missing_cfg_file).rpartition("/")
        return f"{group}={choice}: no such choice.{hint(choice, error.options)}"
    if isinstance(error, InstantiationException) and (told := within(error)):
        return told
    if isinstance(error, ConfigCompositionException) and isinstance(cause, OmegaConfBaseException):
        return explain(cause)
    if isinstance(error, OmegaConfBaseException):
        return of_omegaconf(error)
    for pattern, better in HYDRAS.items():
        if found := re.match(pattern, str(error)):
            return better.format(key=found["key"], **as_typed(found["key"]))
    if (first := raised.own(error)) is not error:
        return raised.line(first)
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def of_omegaconf(error: OmegaConfBaseException) -> str:
    if isinstance(error, (ConfigKeyError, ConfigAttributeError)) and isinstance(error.parent_node, DictConfig):
        return no_such_key(str(error.full_key), error.key, error.parent_node)
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key}: needs a value; give it as {error.full_key}=..."
    line = str(error.msg or error).splitlines()[0]
    return f"{error.full_key}: {line}" if error.full_key else line


def no_such_key(full: str, key: object, node: DictConfig) -> str:
    """A key that is not there: which choice has it, else which keys there are."""
    known = [k for k in node if k != "hydra"]
    group = full.partition(".")[0]
    if others := folders.choices_with(full, folders.of_command(sys.argv[1:])):
        one = next(iter(others))
        value = next((w.split("=", 1)[1] for w in sys.argv[1:] if key_of(w) == full and "=" in w), "...")
        return (
            f"{full}: of {group} only {', '.join(others)} {'has' if len(others) == 1 else 'have'} it: "
            f"{group}={one} {full}={value}; to compare it with other choices, write a file "
            f"{group}/NAME.yaml of your own (--config-dir) with the defaults [{one}, _self_] and this value"
        )
    plus = "" if "_target_" in node else f" (A new key takes a plus sign: +{full}=...)"
    return f"{full}: no such key.{hint(key, known)}{plus}"


def of_yaml(error: YAMLError) -> str:
    """File, line and problem of a YAML file that cannot be read."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        where, what = error.problem_mark, " ".join(str(error.problem).split())
        meant = "; indent with spaces" if "'\\t'" in what else ""
        return f"{where.name}, line {where.line + 1}: no YAML: {what}{meant}"
    return f"no YAML: {' '.join(str(error).split())}"


def within(error: BaseException | None) -> str | None:
    """The line of a UserError that Hydra has wrapped."""
    while error is not None and not isinstance(error, UserError):
        error = error.__cause__
    return str(error) if error else None


def as_typed(key: str) -> dict[str, str]:
    """The word of the command that sets this key."""
    word = next((w for w in sys.argv[1:] if key_of(w) == key), f"{key}=...").replace("'", "")
    plain = word.lstrip("+~")
    name, _, rest = plain.partition("@")
    return {"word": word, "plain": name + "=" + rest.partition("=")[2] if rest else plain}
