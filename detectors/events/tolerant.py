"""Decoding what carries more fields than we know: they are kept out and counted, at every depth."""

import types
import typing
from typing import Any, get_args, get_origin

import msgspec
from msgspec import UNSET, field

from detectors.events.redacted import Redacted

_twins: dict[type, type] = {}


def tolerant_twin(struct: type[Redacted]) -> type:
    """Return the struct type with the same fields that ignores all others, made once per type."""
    if struct not in _twins:
        hints = typing.get_type_hints(struct, include_extras=True)
        fields = [(info.name, _tolerant(hints[info.name]), _default(info)) for info in msgspec.structs.fields(struct)]
        _twins[struct] = msgspec.defstruct(struct.__name__, fields, kw_only=True)
    return _twins[struct]


def count_unknown(value: object, struct: type[Redacted]) -> int:
    """Count the fields of a decoded JSON value that the struct type, or a struct inside it, does not know."""
    if isinstance(value, list):
        return sum(count_unknown(item, struct) for item in value)
    if not isinstance(value, dict):
        return 0
    hints = typing.get_type_hints(struct, include_extras=True)
    known = {info.encode_name: _struct_in(hints[info.name]) for info in msgspec.structs.fields(struct)}
    unknown = 0
    for key, item in value.items():
        inner = known.get(key)
        unknown += key not in known
        unknown += count_unknown(item, inner) if inner is not None else 0
    return unknown


def _default(info: msgspec.structs.FieldInfo) -> Any:  # noqa: ANN401 - msgspec's field descriptor has no public type
    if info.required:
        return field(name=info.encode_name)
    if info.default_factory is not msgspec.NODEFAULT:
        return field(default_factory=typing.cast("Any", info.default_factory), name=info.encode_name)
    return field(default=info.default if info.default is not msgspec.NODEFAULT else UNSET, name=info.encode_name)


def _tolerant(annotation: Any) -> Any:  # noqa: ANN401 - any type annotation
    """Return the annotation with every struct in it replaced by its twin."""
    if isinstance(annotation, type) and issubclass(annotation, Redacted):
        return tolerant_twin(annotation)
    origin = get_origin(annotation)
    inner = tuple(_tolerant(part) for part in get_args(annotation))
    if origin in (types.UnionType, typing.Union):
        return typing.Union[inner]  # noqa: UP007 - built from a tuple
    if origin is typing.Annotated:
        return typing.Annotated[(inner[0], *annotation.__metadata__)]
    return list[inner[0]] if origin is list else annotation  # type: ignore[valid-type]  # built at run time


def _struct_in(annotation: object) -> type[Redacted] | None:
    if isinstance(annotation, type) and issubclass(annotation, Redacted):
        return annotation
    return next((found for part in get_args(annotation) if (found := _struct_in(part)) is not None), None)
