"""Words that Hydra's grammar cannot read, and what to type instead."""

import re
import shlex
from collections.abc import Iterator

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

CLOSING = {"(": ")", "[": "]", "{": "}"}
OPEN_END, OPEN_START = ("=", ",", "(", "[", "{", ":"), ("=", ",", ")", "]", "}")
MOST_SHOWN = 60  # letters of a word in a message


def parsed(word: str) -> Override | None:
    """A word as Hydra reads it; None for one that it cannot read, or that sets no key."""
    try:
        override = OverridesParser.create().parse_override(word)
    except Exception:  # its grammar raises whatever its parser, and Python's numbers, do
        return None
    return override if override.key_or_group else None


def unread(words: list[str]) -> list[str]:
    """A line for each word that cannot be read; [] when Hydra can read them all."""
    lines, before = [], None
    for group in torn(words):
        whole = "".join(group)
        if len(group) > 1 and parsed(whole):
            lines.append(f"{shortened(' '.join(group))}: a space ends a word; without spaces: {typed(whole)}")
        elif not parsed(whole):
            lines.append(told(whole, before))
        before = whole
    return lines


def torn(words: list[str]) -> list[list[str]]:
    """Words, those together that spaces around a comma, an equals sign or in brackets have torn apart."""
    found: list[list[str]] = []
    for word in words:
        belongs = found and (found[-1][-1].endswith(OPEN_END) or word.startswith(OPEN_START))
        if belongs and not parsed(word):
            found[-1].append(word)
        else:
            found.append([word])
    return found


def told(word: str, before: str | None = None) -> str:
    """What is wrong with one word that cannot be read; `before` is the word that stands before it."""
    if not word.isprintable():
        return f"{word!r}: holds what cannot be typed, such as the end of a line"
    for repaired in repairs(word):
        if parsed(repaired):
            return f"{shortened(word)}: cannot be read; type {typed(repaired)}"
    if "=" in word:
        return f"{shortened(word)}: cannot be read; a key and its value are wanted, as in pos=none"
    if before and parsed(more := f"{before},{word}") and "=" in before:
        return f"{shortened(word)}: is no KEY=VALUE; for one more value: {typed(more)}"
    return f"{shortened(word) or repr('')}: is no KEY=VALUE, such as {shortened(word) or 'pos'}=..."


def repairs(word: str) -> Iterator[str]:
    """What may have been meant, likeliest first."""
    key, equals, value = word.partition("=" if "=" in word else ":")
    if not equals:
        return
    tidy = re.sub(r"\s*[,;][\s,;]*", ",", value).strip("=, ")
    if tidy:
        yield f"{key.strip()}={tidy}"
        yield f"{key.strip()}={tidy}{closing(tidy)}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    yield f'{key.strip()}="{escaped}"'


def closing(text: str) -> str:
    """The brackets that are still open at its end."""
    wanted = ""
    for letter in text:
        if letter in CLOSING:
            wanted = CLOSING[letter] + wanted
        elif wanted.startswith(letter):
            wanted = wanted[1:]
    return wanted


def typed(word: str) -> str:
    """A word as a shell hands it on unchanged."""
    return shlex.quote(word)


def shortened(word: str) -> str:
    return word if len(word) <= MOST_SHOWN else f"{word[:MOST_SHOWN]}..."
