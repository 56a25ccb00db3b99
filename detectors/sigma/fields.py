"""Field names of rules, resolved once to readers of the event structs.

Names are those of the encoded event (`claim.from`), through optional parts (absent gives `None`) and through lists of
structs (`lines.code` gives the codes of all lines). An absent text is an empty text in the structs; both are absent.
"""

import functools
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction

DataType = type[AccessEvent] | type[BillingTransaction]

CATEGORIES: dict[str, DataType] = {"phi_access": AccessEvent, "billing_transaction": BillingTransaction}
"""`logsource.category` to the struct of its events."""

Kind = Literal["text", "choice", "number", "flag", "instant", "date"]
Reader = Callable[[Struct], object]


class Field(Struct, frozen=True):
    """One field of an event.

    `read` gives the value or `None`; where `many`, a non-empty sequence of values, `(None,)` where there are none.
    `choices` are the values of a closed enumeration.
    """

    name: str
    kind: Kind
    many: bool
    read: Reader
    choices: frozenset[str] = frozenset()


class _Step(Struct, frozen=True):
    attribute: str
    optional: bool
    many: bool


def resolve(data_type: DataType, name: str) -> Field | None:
    """Return the field that a dotted name means, or `None` where the struct has no such plain value."""
    steps: list[_Step] = []
    here = _structure(data_type)
    for part in name.split("."):
        if not isinstance(here, msgspec.inspect.StructType):
            return None
        found = next((field for field in here.fields if field.encode_name == part), None)
        if found is None:
            return None
        here, optional, many = _unwrap(found.type)
        steps.append(_Step(found.name, optional, many))
    kind = _KINDS.get(type(here))
    if kind is None:
        return None
    choices = here.values if isinstance(here, msgspec.inspect.LiteralType) else ()
    many = any(step.many for step in steps)
    return Field(name, kind, many, _read_many(steps) if many else _read_one(steps), frozenset(map(str, choices)))


def field_names(data_type: DataType) -> list[str]:
    """Return all names that `resolve` knows."""
    return list(_names(_structure(data_type), ""))


@functools.cache
def _structure(data_type: DataType) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(data_type)


def _names(here: msgspec.inspect.Type, prefix: str) -> Iterable[str]:
    if isinstance(here, msgspec.inspect.StructType):
        for field in here.fields:
            inner = _unwrap(field.type)[0]
            if type(inner) in _KINDS:
                yield prefix + field.encode_name
            yield from _names(inner, f"{prefix}{field.encode_name}.")


_KINDS: dict[type, Kind] = {
    msgspec.inspect.StrType: "text",
    msgspec.inspect.LiteralType: "choice",
    msgspec.inspect.IntType: "number",
    msgspec.inspect.FloatType: "number",
    msgspec.inspect.BoolType: "flag",
    msgspec.inspect.DateTimeType: "instant",
    msgspec.inspect.DateType: "date",
}


def _unwrap(annotation: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, bool, bool]:
    """Return a field's own type, whether it may be absent, and whether it is a list of that type."""
    if isinstance(annotation, msgspec.inspect.UnionType):
        inner = next(part for part in annotation.types if not isinstance(part, msgspec.inspect.NoneType))
        return _unwrap(inner)[0], True, _unwrap(inner)[2]
    if isinstance(annotation, msgspec.inspect.ListType):
        return annotation.item_type, False, True
    return annotation, False, False


def _read_one(steps: list[_Step]) -> Reader:
    """Chain attributes, in one call as far as nothing on the way may be absent."""
    for position, step in enumerate(steps[:-1]):
        if step.optional:
            return _maybe(_attributes(steps[: position + 1]), _read_one(steps[position + 1 :]))
    return _attributes(steps)


def _attributes(steps: list[_Step]) -> Reader:
    return attrgetter(".".join(step.attribute for step in steps))


def _maybe(first: Reader, second: Reader) -> Reader:
    def read(data: Struct) -> object:
        part: Any = first(data)
        return None if part is None else second(part)

    return read


def _read_many(steps: list[_Step]) -> Reader:
    until = next(position for position, step in enumerate(steps) if step.many)
    first, rest = _read_one(steps[: until + 1]), steps[until + 1 :]
    second = (_read_many if any(step.many for step in rest) else _read_one)(rest) if rest else None
    deep = any(step.many for step in rest)

    def read(data: Struct) -> object:
        items: Any = first(data)
        if not items:
            return _ABSENT
        if second is None:
            return items
        if deep:
            return [value for item in items for value in cast("list[object]", second(item))]
        return [second(item) for item in items]

    return read


_ABSENT = (None,)
