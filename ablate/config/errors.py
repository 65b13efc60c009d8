"""Errors that end a command before it begins, and suggestions of what was meant."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """The user's input is wrong: one line for each problem, saying what would work. Exit 2."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)

    def __reduce__(self) -> tuple[type["UserError"], tuple[str, ...]]:
        return type(self), tuple(self.problems)  # the lines, for another process


class CannotStart(RuntimeError):
    """The input is right, but the work cannot begin here: one line that says what to do. Exit 1."""


def hint(word: object, words: Iterable[object]) -> str:
    """' Did you mean ...? There are: ...' for a word that is none of the known ones."""
    known = sorted(map(str, words), key=natural)
    close = difflib.get_close_matches(str(word), known, 1, 0.6)
    maybe = f" Did you mean {close[0]}?" if close else ""
    return f"{maybe} There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if known else maybe


def natural(text: str) -> tuple[int, int, str]:
    """Sort key that puts 4 before 14 and numbers before words."""
    return (0, int(text), text) if text.isdecimal() else (1, 0, text)
