"""How much room a text takes, and which of its characters no font of this machine has."""

import textwrap
from collections.abc import Iterable
from functools import cache, lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

POINTS = 72.0  # an inch
# After matplotlib's own font, those of these that are here, for what it lacks.
MORE = [
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "Hiragino Sans", "Yu Gothic", "Malgun Gothic"),
    *("Noto Sans Symbols2", "Noto Emoji", "Segoe UI Symbol", "Symbola", "Arial Unicode MS"),
]


@lru_cache
def family() -> list[str]:
    here = {font.name for font in font_manager.fontManager.ttflist}
    return ["sans-serif", *(name for name in MORE if name in here)]


@lru_cache
def _fonts() -> list[FT2Font]:
    names = ["DejaVu Sans", *family()[1:]]
    fonts = [FT2Font(font_manager.findfont(font_manager.FontProperties(family=[name]))) for name in names]
    for font in fonts:
        font.set_size(POINTS, POINTS)
    return fonts


@cache
def _advance(character: str) -> float | None:
    """Width of a character in ems; None where no font has it."""
    for font in _fonts():
        if font.get_char_index(ord(character)):
            return font.load_char(ord(character)).linearHoriAdvance / 65536 / POINTS
    return None


def missing(texts: Iterable[str]) -> str:
    """The characters of some texts that a figure as PNG can only show as a box, each once."""
    seen = dict.fromkeys("".join(texts))
    return "".join(one for one in seen if one.isprintable() and not one.isspace() and _advance(one) is None)


def inches(text: str, size: float = 9.0) -> float:
    """Width of the longest line of a text that is set `size` points high."""
    lines = [sum(_advance(one) or 1.0 for one in line) for line in text.split("\n")]
    return max(lines) * size / POINTS


def wrapped(text: str, most: float, size: float = 9.0) -> str:
    """A text in lines of at most so many inches: broken at spaces, in long words after a sign, else anywhere."""
    lines, line = [], ""
    for word in _words(text, max(4, int(most / inches("m", size)))):
        if line and inches((line + word).rstrip(), size) > most:
            lines.append(line.rstrip())
            line = ""
        line += word
    return "\n".join([*lines, line.rstrip()])


def _words(text: str, longest: int) -> list[str]:
    """The pieces between which a line may end."""
    found: list[str] = []
    for word in textwrap.wrap(text, 10_000, drop_whitespace=False, break_on_hyphens=False):
        for piece in word.split(" "):
            parts = [piece] if len(piece) <= longest else _parts(piece, longest)
            found += [*parts[:-1], parts[-1] + " "]
    return found


def _parts(word: str, longest: int) -> list[str]:
    parts, part = [], ""
    for one in word:
        part += one
        if one in "._-+,/=" or len(part) >= longest:
            parts.append(part)
            part = ""
    return [*parts, part] if part else parts
