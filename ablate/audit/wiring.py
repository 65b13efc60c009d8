"""Which keys of two resolved configs differ, and which of these belong to the axis or are copied from it."""

from collections.abc import Iterator
from typing import Any

MISSING = "nothing"


def changes(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Leaves that differ: dotted path, value in a, value in b."""
    if isinstance(a, dict) or isinstance(b, dict):
        left, right = (node if isinstance(node, dict) else {} for node in (a, b))
        for key in dict.fromkeys([*left, *right]):
            yield from changes(left.get(key, MISSING), right.get(key, MISSING), f"{path}.{key}".lstrip("."))
    elif a != b:
        yield path, a, b


def at(config: Any, path: str) -> Any:
    for key in path.split("."):
        config = config.get(key, MISSING) if isinstance(config, dict) else MISSING
    return config


class Wiring:
    """What differs between two configs that should differ in one axis.

    `own`: paths inside the axis. `wired`: copies of it, or of a leaf of it, elsewhere (`${pos}`, `${act.kind}`).
    `strange`: all others. An axis that is a part (it has a `_target_`) should act as that part alone, so copies of
    its leaves in other parts are strange too. An axis without a node (a recipe, a study) owns whatever it changes.
    """

    def __init__(self, axis: str, a: dict, b: dict) -> None:
        self.a, self.b = a, b
        self.own: list[str] = []
        self.wired: list[str] = []
        self.strange: list[tuple[str, Any, Any]] = []
        mine = (at(a, axis), at(b, axis))
        is_part = any(isinstance(node, dict) and "_target_" in node for node in mine)
        differing = list(changes(a, b))
        leaves = {(repr(x), repr(y)) for path, x, y in differing if inside(path, axis)}
        for path, x, y in differing:
            if inside(path, axis) or mine == (MISSING, MISSING):
                self.own.append(path)
            elif self.is_copy(path, mine) or (not is_part and (repr(x), repr(y)) in leaves):
                self.wired.append(path)
            else:
                self.strange.append((path, x, y))

    def is_copy(self, path: str, mine: tuple[Any, Any]) -> bool:
        """Whether the path lies in a node that belongs to the axis in both configs."""
        keys = path.split(".")
        above = (".".join(keys[:n]) for n in range(1, len(keys) + 1))
        return mine[0] != mine[1] and any((at(self.a, p), at(self.b, p)) == mine for p in above)

    def targets(self) -> set[str]:
        """`_target_` of the parts that the axis reaches, in either config."""
        return {target for path in [*self.own, *self.wired] for target in self.part_of(path)}

    def part_of(self, path: str) -> Iterator[str]:
        """The part that a path lies in, looked for from above; model.net only where no part of it does."""
        keys = path.split(".")
        for config in (self.a, self.b):
            above = [at(config, ".".join(keys[:n])) for n in range(1, len(keys) + 1)]
            parts = [node["_target_"] for node in above if isinstance(node, dict) and "_target_" in node]
            is_net = keys[:2] == ["model", "net"]
            yield from parts[1:2] or parts[:1] if is_net else parts[:1]

    def changes_numbers(self) -> bool:
        """Whether any number that both configs have differs between them."""
        both = ((at(self.a, path), at(self.b, path)) for path in [*self.own, *self.wired])
        return any(isinstance(x, (int, float)) and isinstance(y, (int, float)) for x, y in both)

    def reaches_model(self) -> bool:
        return any(inside(path, "model.net") for path in [*self.own, *self.wired])


def inside(path: str, key: str) -> bool:
    return path == key or path.startswith(key + ".")
