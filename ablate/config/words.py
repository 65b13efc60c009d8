"""Words of a command: overrides as one types them, and as Hydra's grammar wants them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString, RangeSweep
from hydra.errors import HydraException

from ablate import CONF
from ablate.config.errors import natural

OVERRIDE = re.compile(r"^(\+\+|\+|~)?(?P<key>[A-Za-z_][\w/.]*)(@[^=]+)?=(?P<value>.*)$", re.S)


def flags_first(argv: list[str]) -> list[str]:
    """Hydra's parser takes overrides in one piece only; people write `pos=none,learned -m patch=4,7`."""
    return sorted(argv, key=lambda word: bool(OVERRIDE.match(word)))


def folders(argv: list[str]) -> Iterator[Path]:
    """conf/ and the folder of --config-dir."""
    yield CONF
    for word, after in zip(argv, [*argv[1:], ""], strict=False):
        if word in ("--config-dir", "-cd"):
            yield Path(after)
        elif word.startswith("--config-dir="):
            yield Path(word.split("=", 1)[1])


def quote_choices(argv: list[str]) -> list[str]:
    """Quotes the values of config groups: Hydra's grammar reads `patch=4` as an integer, and its
    groups take strings only."""
    roots = list(folders(argv))
    parser = OverridesParser.create()

    def quoted(arg: str) -> str:
        match = None if arg.startswith("-") else OVERRIDE.match(arg)
        places = [root / match["key"] for root in roots] if match else []
        if not match or not any(place.is_dir() for place in places):
            return arg
        try:
            override = parser.parse_override(arg)
        except HydraException:
            return arg  # Hydra says what is wrong with it
        names = sorted({file.stem for place in places for file in place.glob("*.yaml")}, key=natural)
        return arg[: match.start("value")] + quoted_value(override, names)

    return [quoted(arg) for arg in argv]


def quoted_value(override: Override, names: list[str]) -> str:
    value = override._value
    if isinstance(value, Glob):
        matching = Glob(include=list(map(str, value.include)), exclude=list(map(str, value.exclude)))
        return ",".join(f"'{name}'" for name in matching.filter(names))
    if isinstance(value, (ChoiceSweep, RangeSweep)):
        # Only the plain form 'a','b' keeps its quotes; choice('4','7') would lose them again.
        return ",".join(quoted_word(v) for v in override.sweep_iterator())
    return quoted_word(value)


def quoted_word(value: Any) -> str:
    if value is None:
        return "'null'"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, (int, float)):
        return f"'{value}'"
    if isinstance(value, QuotedString):
        return value.with_quotes()
    if isinstance(value, list):
        return "[" + ",".join(map(quoted_word, value)) + "]"
    return str(value)


Words = list[str]  # overrides of one run


def replaced(row: Words, *more: str) -> Words:
    """Overrides with others in the place of those of the same key."""
    keys = {key_of(word) for word in more}
    return [*(word for word in row if key_of(word) not in keys), *more]


def value_of(word: str) -> str:
    return word.split("=", 1)[1].strip("'\"") if "=" in word else ""


SINGLE = "single"  # the study of runs that vary nothing


def shown(overrides: Iterable[str]) -> list[str]:
    """Overrides as the user wrote them, without the quotes that Hydra's grammar wants."""
    return [o.replace("'", "") for o in overrides]


def wording(overrides: Iterable[str]) -> tuple[str, ...]:
    """Overrides of which equal ones mean the same: in whatever order, unless one key stands there twice."""
    words = shown(overrides)
    return tuple(sorted(words) if len({key_of(word) for word in words}) == len(words) else words)


def name_of(axes: Iterable[str]) -> str:
    """`patch-pos` for a study of patch and pos; seeds do not count."""
    return "-".join(sorted(axes)) or SINGLE


def key_of(override: str) -> str:
    """`pos` of `+pos@x='rope'`."""
    return override.split("=", 1)[0].lstrip("+~").split("@")[0]


def quoted(text: str) -> str:
    """A word of Hydra's grammar that means exactly this text."""
    escaped = text.replace("'", "\\'")
    return f"'{escaped}'"
