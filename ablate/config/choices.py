"""Names of choices that Hydra's grammar would read as numbers: quoted before it parses them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString, RangeSweep
from hydra.errors import HydraException

from ablate import CONF
from ablate.config.errors import UserError, hint, natural
from ablate.config.sweeps import finite
from ablate.config.words import OVERRIDE, quoted


def quote_choices(words: list[str], places: Sequence[Path] = (CONF,)) -> list[str]:
    """Quotes the values of config groups: Hydra's grammar reads `patch=4` as an integer, and its
    groups take strings only. `places` are the folders that hold the groups."""
    return [quoted_choice(word, places) for word in words]


def quoted_choice(word: str, places: Sequence[Path]) -> str:
    match = OVERRIDE.match(word)
    groups = [place / match["key"] for place in places] if match else []
    if not match or not any(group.is_dir() for group in groups):
        return word
    names = sorted({file.stem for group in groups for file in group.glob("*.yaml")}, key=natural)
    parser = OverridesParser.create()
    try:
        written = match["value"] if RECKONED.search(match["value"]) else as_written(match["value"])
        override = parser.parse_override(word[: match.start("value")] + written)
    except HydraException:
        return word  # Hydra will say what is wrong with it
    if isinstance(override._value, list | dict) and (CONF / match["key"]).is_dir():
        several = ",".join(map(str, override._value)) or "..."
        raise UserError(f"{word}: an axis takes one choice; with -m each is a run: -m {match['key']}={several}")
    return word[: match.start("value")] + quoted_value(override, names)


RECKONED = re.compile(
    r"\b(range|interval|glob|sort|int|float|bool|str|json_str)\s*\("
)  # whose numbers are numbers
TOKEN = re.compile(r"""'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^\s,()\[\]{}'"]+""")


def as_written(value: str) -> str:
    """A value with quotes around its numbers, true, false and null: 1e-3 would come back as 0.001."""
    parser = OverridesParser.create()

    def kept(token: re.Match[str]) -> str:
        text = token[0]
        try:
            return text if isinstance(parser.parse_rule(text, "primitive"), str | QuotedString) else f"'{text}'"
        except HydraException:
            return text

    return TOKEN.sub(kept, value)


def quoted_value(override: Override, names: list[str]) -> str:
    """The value of a config group as Hydra takes it. UserError for a sweep without values."""
    value = override._value
    if isinstance(value, Glob):
        matching = Glob(include=list(map(str, value.include)), exclude=list(map(str, value.exclude)))
        found = matching.filter(names)
        if not found:
            raise UserError(f"{override.input_line}: matches no choice.{hint('', names)}")
        return ",".join(f"'{name}'" for name in found)
    if isinstance(value, ChoiceSweep | RangeSweep):
        # Only the plain form 'a','b' keeps its quotes; choice('4','7') would lose them again.
        return ",".join(quoted_word(v) for v in finite(override))
    return quoted_word(value)


PLAIN = re.compile(r"(?!(true|false|null|inf|nan)$)[A-Za-z_][\w-]*", re.I)  # words that stay words without quotes


def quoted_word(value: Any) -> str:
    """One choice as Hydra's grammar reads it as text."""
    if isinstance(value, QuotedString):
        return value.with_quotes()
    if isinstance(value, list):
        return "[" + ",".join(map(quoted_word, value)) + "]"
    text = str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
    return text if PLAIN.fullmatch(text) or not text or "$" in text else quoted(text)
