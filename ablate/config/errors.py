"""What is wrong with an input, told in one line that says what would have worked."""

import difflib
from collections.abc import Iterable

from hydra.errors import ConfigCompositionException, MissingConfigException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
)

from ablate.config import raised


class UserError(Exception):
    """The user's input is wrong: one line for each problem, saying what would work. Exit 2."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class CannotStart(RuntimeError):
    """The input is right, and yet it cannot begin here: one line that says what to do. Exit 1."""


def hint(word: object, words: Iterable[object]) -> str:
    """' Did you mean ...? There are: ...' for a word that is none of the known ones."""
    known = sorted(map(str, words), key=natural)
    close = difflib.get_close_matches(str(word), known, 1, 0.6)
    maybe = f" Did you mean {close[0]}?" if close else ""
    return f"{maybe} There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if known else maybe


def natural(text: str) -> tuple[int, int, str]:
    """Sort key that puts 4 before 14 and numbers before words."""
    return (0, int(text), text) if text.isdecimal() else (1, 0, text)


def explain(error: BaseException) -> str:
    """A user's mistake in one line: what, and what would have worked."""
    cause = error.__cause__
    if isinstance(error, MissingConfigException) and error.options is not None and error.missing_cfg_file:
        group, _, choice = str(error.missing_cfg_file).rpartition("/")
        return f"{group}={choice}: no such choice.{hint(choice, error.options)}"
    if isinstance(error, ConfigCompositionException) and isinstance(cause, OmegaConfBaseException):
        return explain(cause)
    if isinstance(error, (ConfigKeyError, ConfigAttributeError)) and error.parent_node is not None:
        known = [k for k in error.parent_node if k != "hydra"]  # type: ignore[union-attr]
        new = f" (A new key takes a plus sign: +{error.full_key}=...)"
        return f"{error.full_key}: no such key.{hint(error.key, known)}{new}"
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key}: needs a value; give it as {error.full_key}=..."
    if isinstance(error, InterpolationKeyError):
        return f"{error.full_key}: {error.msg or error}".splitlines()[0]
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return f"{error.full_key}: {str(error.msg or error).splitlines()[0]}"
    if (first := raised.own(error)) is not error:
        return raised.line(first)
    return str(error).splitlines()[0] if str(error) else type(error).__name__
