"""Words of a command: overrides as one types them, and as Hydra's grammar wants them."""

import re
from collections.abc import Iterable

OVERRIDE = re.compile(r"^(\+\+|\+|~)?(?P<key>[A-Za-z_][\w/.]*)(@[^=]+)?=(?P<value>.*)$", re.S)
# Keys that say how a study is run, not what its runs are: none of them can be an axis.
NO_AXIS = (
    "sweep",
    "tracker",
    "device",
    "name",
    "data.root",
    "data.memory",
    "data.workers",
    "study",
    "hydra",
)

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


def can_be_axis(key: str) -> bool:
    """Whether runs that differ in this key are different runs."""
    return not any(key == other or key.startswith((f"{other}.", f"{other}/")) for other in NO_AXIS)
