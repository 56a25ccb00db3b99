"""The fields of the canonical events that a mapping may fill, by dotted name."""

import functools
from typing import Literal

import msgspec
from msgspec import Struct

from detectors.events import DATA_TYPES, Data
from detectors.events.redacted import Cents

Kind = Literal["text", "texts", "choice", "whole", "number", "cents", "flag", "instant", "date"]
Part = str | int

TARGETS: dict[str, str] = {
    "phi_access": "org.wardwatch.phi.access.v1",
    "billing_transaction": "org.wardwatch.billing.transaction.v1",
    "staff": "org.wardwatch.context.staff.v1",
    "patient": "org.wardwatch.context.patient.v1",
    "appointment": "org.wardwatch.context.appointment.v1",
    "encounter": "org.wardwatch.context.encounter.v1",
    "order": "org.wardwatch.context.order.v1",
    "care_team": "org.wardwatch.context.care_team.v1",
    "task": "org.wardwatch.context.task.v1",
    "roster": "org.wardwatch.context.roster.v1",
    "exclusion": "org.wardwatch.context.exclusion.v1",
}
"""`target` of a mapping to the CloudEvents type of what it makes."""

TIME = "time"
"""The pseudo-field of context events: when the source knew it. Other events have `occurred_at`."""

ITEMS = 50
"""Items of a list that one row can fill: a claim form has 50 lines (837P, loop 2400)."""


class Target(Struct, frozen=True):
    """One field: the way to it (numbers for items of a list), its kind, and the values of a closed enumeration."""

    path: tuple[Part, ...]
    kind: Kind
    choices: tuple[str, ...] = ()


def has_own_time(type_name: str) -> bool:
    """Whether the event itself says when it happened."""
    return any(info.name == "occurred_at" for info in msgspec.structs.fields(DATA_TYPES[type_name]))


def needed(type_name: str) -> tuple[str, ...]:
    """Return the fields without which there is no such event."""
    infos = msgspec.structs.fields(DATA_TYPES[type_name])
    own = tuple(info.encode_name for info in infos if info.required)
    return own if has_own_time(type_name) else (TIME, *own)


def resolve(type_name: str, name: str) -> Target | None:
    """Return the field of that dotted name, such as `actor.id` or `lines.0.code`, or None where there is none."""
    if name == TIME:
        return None if has_own_time(type_name) else Target((TIME,), "instant")
    here = _type(DATA_TYPES[type_name])
    path: list[Part] = []
    for part in name.split("."):
        if isinstance(here, msgspec.inspect.ListType):
            if not part.isdecimal() or int(part) >= ITEMS:
                return None
            path.append(int(part))
            here = _present(here.item_type)
            continue
        if not isinstance(here, msgspec.inspect.StructType):
            return None
        found = next((field for field in here.fields if field.encode_name == part), None)
        if found is None:
            return None
        path.append(part)
        here = _present(found.type)
    kind = _kind(here)
    choices = tuple(map(str, here.values)) if isinstance(here, msgspec.inspect.LiteralType) else ()
    return Target(tuple(path), kind, choices) if kind else None


def names(type_name: str) -> list[str]:
    """Return the names of all fields, the first item standing for a list's items."""
    own = list(_names(_type(DATA_TYPES[type_name]), ""))
    return own if has_own_time(type_name) else [TIME, *own]


def _names(here: msgspec.inspect.Type, prefix: str) -> list[str]:
    if _kind(here):
        return [prefix]
    if isinstance(here, msgspec.inspect.ListType):
        return _names(_present(here.item_type), f"{prefix}.0")
    if not isinstance(here, msgspec.inspect.StructType):
        return []
    dot = "." if prefix else ""
    return [name for field in here.fields for name in _names(_present(field.type), prefix + dot + field.encode_name)]


@functools.cache
def _type(data_type: type[Data]) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(data_type)


def _present(annotation: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """Return the type that a field has where it is not absent."""
    if isinstance(annotation, msgspec.inspect.UnionType):
        return next(part for part in annotation.types if not isinstance(part, msgspec.inspect.NoneType))
    return annotation


_CENTS = msgspec.inspect.type_info(Cents)
_KINDS: dict[type, Kind] = {
    msgspec.inspect.StrType: "text",
    msgspec.inspect.LiteralType: "choice",
    msgspec.inspect.IntType: "whole",
    msgspec.inspect.FloatType: "number",
    msgspec.inspect.BoolType: "flag",
    msgspec.inspect.DateTimeType: "instant",
    msgspec.inspect.DateType: "date",
}


def _kind(here: msgspec.inspect.Type) -> Kind | None:
    if isinstance(here, msgspec.inspect.ListType):
        return "texts" if _kind(_present(here.item_type)) == "text" else None
    return "cents" if here == _CENTS else _KINDS.get(type(here))
