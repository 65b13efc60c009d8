"""What a check can answer: that all is well, that something is wrong, or that it could not be asked."""

from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NotAsked(Exception):
    """Why a check cannot be put to a cell: its model has no such part, say."""


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
