"""Frozen dataclasses as JSON objects: a key for each field, in the same order.

A field that only memory has, or that is written only where it is known, says so (`MEMORY`, `IF_KNOWN`). Keys that
are no field were written by a newer version: they are kept in `more`, and written again.
"""

import dataclasses
import types
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ablate.records.damage import Damaged


class Typed(Protocol):
    """A dataclass with room for the keys that it does not know."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def more(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Typed)

MEMORY = {"memory": True}
IF_KNOWN = {"if_known": True}
KINDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "an object",
}
SHOWN = 60  # characters of a value that is wrong


def from_json(kind: type[T], data: object, where: str = "") -> T:
    """The dataclass that a JSON object holds. Raises Damaged; `where` names the object within its file."""
    if not isinstance(data, dict):
        raise Damaged(f"{where or 'it'} is no JSON object")
    known = fields(kind)
    hints = types_of(kind)
    unknown = [name for name, one in known.items() if data.get(name) is None and has_factory(one)]  # null is empty
    given = {
        name: converted(data[name], hints[name], f"{where}.{name}" if where else name)
        for name in known
        if name in data and name not in unknown
    }
    if missing := [name for name, one in known.items() if name not in data and is_required(one)]:
        raise Damaged(f"no {missing[0]} in {where or 'it'}")
    make: Callable[..., T] = kind
    return make(**given, more={key: value for key, value in data.items() if key not in known})


def to_json(one: Typed) -> dict[str, Any]:
    """The JSON object of a dataclass; it shares its lists and objects."""
    found = {}
    for name, field in fields(type(one)).items():
        value = getattr(one, name)
        if value is not None or not field.metadata.get("if_known"):
            found[name] = plain(value)
    return found | one.more


@cache
def types_of(kind: type[Typed]) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def fields(kind: type[Typed]) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a dataclass that its file has."""
    found = {field.name: field for field in dataclasses.fields(kind)}
    return {name: field for name, field in found.items() if name != "more" and not field.metadata.get("memory")}


def is_required(field: "dataclasses.Field[object]") -> bool:
    return field.default is dataclasses.MISSING and not has_factory(field)


def has_factory(field: "dataclasses.Field[object]") -> bool:
    return field.default_factory is not dataclasses.MISSING


def plain(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return to_json(cast(Typed, value))
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def converted(value: object, hint: object, where: str) -> object:
    """A value from JSON as the field with this type has it. Raises Damaged where it is of another type."""
    origin, inner = get_origin(hint), get_args(hint)
    kind: Any = origin or hint
    if origin in (Union, types.UnionType):
        (known,) = [option for option in inner if option is not type(None)]  # null, or this
        return None if value is None else converted(value, known, where)
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        return from_json(cast(type[Typed], hint), value, where)
    if not fits(value, hint):
        raise Damaged(f"{where} is {repr(value)[:SHOWN]}, {KINDS[kind]} is wanted")
    if isinstance(value, dict):
        return {key: converted(entry, inner[1], f"{where}.{key}") for key, entry in value.items()}
    if isinstance(value, list):
        entries = [converted(entry, inner[0], f"{where}[{number}]") for number, entry in enumerate(value)]
        return tuple(entries) if origin is tuple else entries
    return value


def fits(value: object, hint: object) -> bool:
    kind: Any = get_origin(hint) or hint
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, int | float)
    return isinstance(value, list if kind is tuple else kind)
