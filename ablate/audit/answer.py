"""The three answers of a check: all is well, something is wrong, or the question could not be asked."""

from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NotAsked(Exception):
    """Why a check cannot be made on a cell, for example because its model has no such part."""


def ask(check: Callable[..., Found], *about: object) -> tuple[Found | None, str | None]:
    """What the check finds, and None; or None, and why it could not be asked.

    An exception inside a check is a reason too: a part of the user's own may do anything.
    """
    try:
        return check(*about), None
    except NotAsked as e:
        return None, str(e)
    except Exception as e:
        text = next(iter(str(e).splitlines()), "")
        return None, f"{type(e).__name__}: {text}".removesuffix(": ")
