"""What a process needs once: a tracker of its own for all that it plans and trains."""

import pytest

from ablate.config.once import once

MADE: list[str] = []


class Counted:
    def __init__(self, name: str) -> None:
        if name == "wrong":
            raise ValueError("no such tracker")
        MADE.append(name)


def test_equal_nodes_are_one_object_and_others_are_not():
    node = {"_target_": f"{__name__}.Counted", "name": "a"}
    assert once(node) is once(dict(reversed(node.items())))
    assert once(node | {"name": "b"}) is not once(node)
    assert MADE == ["a", "b"]


def test_what_cannot_be_built_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(Exception, match="no such tracker"):
            once({"_target_": f"{__name__}.Counted", "name": "wrong"})
