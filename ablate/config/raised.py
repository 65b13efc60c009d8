"""What a part of the user's own raised, as it raised it. Hydra wraps it, once for each node that it was in."""

from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import HydraException


def own(error: BaseException) -> BaseException:
    """The error inside Hydra's; the errors that it was itself raised from are not looked at."""
    while isinstance(error, HydraException) and error.__cause__ is not None:
        error = error.__cause__
    return error


def line(error: BaseException) -> str:
    """A ValueError is worded for the user; of any other its kind is said too."""
    text = next(iter(str(error).strip().splitlines()), "")
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}".removesuffix(": ")


@contextmanager
def unwrapped() -> Iterator[None]:
    """Raises what a part raised instead of Hydra's error around it."""
    try:
        yield
    except HydraException as e:
        if (first := own(e)) is e:
            raise
        raise first from None
