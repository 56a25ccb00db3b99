"""The parts `fields` and `constants` of a mapping file."""

import datetime
import re

from detectors.sigma.problems import Problems
from detectors.sigma.reader import Reader, suggestion
from detectors.sigma.source import Node
from streams.sources.tables.mapping import Filled, Value, ValueMap, value_map
from streams.sources.tables.targets import Target, names, resolve

NAMED_FORMATS = ("iso8601", "unix_seconds", "unix_milliseconds")
"""Time formats that have a name; all others are those of `datetime.strptime`."""

_WITNESS = datetime.datetime(2026, 11, 27, 14, 0, tzinfo=datetime.UTC)
_PLAIN_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "texts": (str,), "choice": (str,), "whole": (int,), "number": (int, float), "cents": (int,),
    "flag": (bool,),
}  # fmt: skip


def read_fields(node: Node | None, type_name: str, problems: Problems) -> tuple[Filled, ...]:
    """Read which columns fill which fields; a plain text stands for its column."""
    found = []
    for name, entry in _entries(node, "fields", problems):
        target = _target(name, entry.line, type_name, problems)
        if target is None:
            continue
        if isinstance(entry.value, str):
            entry = Node(entry.line, {"column": entry})  # noqa: PLW2901 - the short form written out
        field = _field(name, target, entry, problems)
        if field is not None:
            found.append(field)
    return tuple(found)


def read_constants(node: Node | None, type_name: str, problems: Problems) -> tuple[tuple[Target, Value], ...]:
    """Read fields that are the same in all rows."""
    if node is None:
        return ()
    found = []
    for name, entry in _entries(node, "constants", problems):
        target = _target(name, entry.line, type_name, problems)
        if target is None:
            continue
        if not _fits(entry.value, target) or entry.value is None:
            problems.add(entry.line, f"{name} cannot be this: {_wanted(target)}")
        elif not isinstance(entry.value, (list, dict)):
            found.append((target, entry.value))
    return tuple(found)


def _entries(node: Node | None, what: str, problems: Problems) -> list[tuple[str, Node]]:
    if node is None:
        return []
    if not isinstance(node.value, dict) or not node.value:
        problems.add(node.line, f"{what} must be a map of field names")
        return []
    return list(node.value.items())


def _target(name: str, line: int, type_name: str, problems: Problems) -> Target | None:
    target = resolve(type_name, name)
    if target is None:
        problems.add(line, f"there is no field {name}{suggestion(name, names(type_name))}")
    return target


def _field(name: str, target: Target, node: Node, problems: Problems) -> Filled | None:
    reader = Reader(node, problems, name)
    column = reader.text("column", limit=256)
    columns = (column,) if column else reader.texts("columns")
    if not columns or (column and reader.node("columns")):
        reader.problem("column", f"{name} needs either column or columns")
    join = reader.node("join")
    formats = reader.texts("formats")
    split = reader.text("split", limit=8)
    present = reader.truth("present")
    unit = reader.text("unit", choices=("dollars", "cents"))
    field = Filled(
        name,
        target,
        columns,
        str(join.value) if join is not None else " ",
        reader.truth("optional"),
        formats,
        _values(reader, target),
        split,
        present,
        unit == "cents",
        reader.truth("negate"),
        reader.truth("empty_means_none"),
    )
    reader.finish()
    _check(reader, field, unit)
    return field


def _check(reader: Reader, field: Filled, unit: str) -> None:
    """What is said must make sense for the kind of the field."""
    kind = field.target.kind
    if (kind in ("instant", "date")) != bool(field.formats):
        reader.problem(
            "formats", f"{field.name} is a {kind}: " + ("give formats" if not field.formats else "no formats")
        )
    for layout in field.formats:
        wrong = _wrong_format(layout, needs_time=kind == "instant")
        if wrong:
            reader.problem("formats", f"{layout} {wrong}")
    if (kind == "cents") != bool(unit):
        reader.problem(
            "unit", f"{field.name} is a {kind}: " + ("give unit: dollars or cents" if not unit else "no unit")
        )
    if field.negate and kind not in ("cents", "whole", "number"):
        reader.problem("negate", f"{field.name} is no number")
    if (kind == "texts") != bool(field.split):
        reader.problem("split", f"{field.name} is a {kind}: " + ("give split" if not field.split else "no split"))
    if field.empty_means_none and kind not in ("instant", "date"):
        reader.problem("empty_means_none", f"{field.name} is no time")
    if field.present and kind != "flag":
        reader.problem("present", f"{field.name} is no flag")


def _wrong_format(layout: str, *, needs_time: bool) -> str:
    """Return what is wrong with a time format: it must tell a day, and an instant an hour too."""
    if layout in NAMED_FORMATS:
        return "" if needs_time or layout == "iso8601" else "is an instant, not a day"
    try:
        again = datetime.datetime.strptime(_WITNESS.strftime(layout), layout)  # noqa: DTZ007 - only compared
    except (ValueError, re.error):  # the latter where a directive stands twice
        return "is no format of strptime that can be read back"
    if again.date() != _WITNESS.date():
        return "does not tell day, month and year"
    if needs_time and again.hour != _WITNESS.hour:
        return "does not tell the hour: give a date and a time column"
    return ""


def _values(reader: Reader, target: Target) -> ValueMap | None:
    node, other = reader.node("values"), reader.node("otherwise")
    keep = reader.truth("keep")
    if keep and target.kind not in ("text", "texts"):
        reader.problem("keep", "only texts can be kept as they are")
    if node is None:
        if other is not None or keep:
            reader.problem("values", "otherwise and keep go with values")
        return None
    if not isinstance(node.value, dict) or not node.value:
        reader.problem("values", "values must be a map of what the column holds to what it means")
        return None
    if target.kind in ("instant", "date"):
        reader.problem("values", "a time has formats, not values")
        return None
    values: dict[str, Value] = {}
    for key, entry in (*node.value.items(), *((("otherwise", other),) if other is not None else ())):
        if not _fits(entry.value, target):
            reader.problem("values", f"{key} cannot mean this: {_wanted(target)}")
        elif not isinstance(entry.value, (list, dict)) and entry is not other:
            values[key] = entry.value
    otherwise = other.value if other is not None and not isinstance(other.value, (list, dict)) else None
    return value_map(values, otherwise, has_otherwise=other is not None, keep=keep)


def _fits(value: object, target: Target) -> bool:
    if value is None:
        return True
    wanted = _PLAIN_TYPES.get(target.kind, ())
    if not isinstance(value, wanted) or isinstance(value, bool) != (target.kind == "flag"):
        return False
    return target.kind != "choice" or value in target.choices


def _wanted(target: Target) -> str:
    if target.choices:
        return "one of " + ", ".join(choice or '""' for choice in target.choices)
    names_of_types = {str: "a quoted text", int: "a whole number", float: "a number", bool: "true or false"}
    return names_of_types[_PLAIN_TYPES[target.kind][-1]] if target.kind in _PLAIN_TYPES else "a column must fill it"
