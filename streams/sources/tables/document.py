"""A mapping file to a `Mapping`: read whole, and everything that is wrong with it told at once, by file and line."""

import fnmatch
import re

from detectors.sigma.problems import Problems
from detectors.sigma.reader import Reader, suggestion
from detectors.sigma.source import Node, read_documents
from streams.sources.local_time import zone as zone_of
from streams.sources.tables.field_document import read_constants, read_fields
from streams.sources.tables.mapping import Drop, Filled, Mapping, MappingError
from streams.sources.tables.targets import TARGETS, needed

DELIMITERS: dict[str, str] = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
"""`table.delimiter` of a mapping to the character."""

BY_ROW = "row"
"""`id` of a table that has no column to tell rows apart: its file and line do."""


def read_mapping(text: str, file: str, zone: str = "") -> Mapping:
    """Read one mapping.

    Args:
        text: the YAML.
        file: its name, for messages.
        zone: the time zone of the site, for a mapping that names none.

    Raises:
        MappingError: with every problem.
    """
    problems = Problems(file)
    documents = read_documents(text, problems)
    if not problems.found and len(documents) != 1:
        problems.add(1, "a mapping file holds one document")
    if problems.found:
        raise MappingError(problems.found)
    mapping = _read(documents[0], problems, zone)
    if problems.found or mapping is None:
        raise MappingError(problems.found)
    return mapping


def _read(document: Node, problems: Problems, site_zone: str) -> Mapping | None:
    reader = Reader(document, problems, "a mapping")
    name = reader.text("mapping", required=True, pattern="[a-z][a-z0-9_]{0,63}")
    target = reader.text("target", required=True, choices=tuple(TARGETS))
    zone = reader.text("zone") or site_zone
    delimiter, sheet, empty = _table(reader.node("table"), problems)
    if not target:
        reader.node("fields", required=True)
        return None
    type_name = TARGETS[target]
    fields = read_fields(reader.node("fields", required=True), type_name, problems)
    constants = read_constants(reader.node("constants"), type_name, problems)
    drops = _drops(reader.node("drop"), problems)
    id_columns, id_repeats = _id(reader.node("id", required=True), problems)
    refunds = reader.text("refunds", limit=256)
    if refunds and (target != "billing_transaction" or len(id_columns) != 1 or id_repeats):
        reader.problem("refunds", "refunds goes with billing transactions whose id is one column")
    reader.finish()
    _check_whole(reader, type_name, fields, {".".join(map(str, target.path)) for target, _ in constants})
    _check_zone(reader, zone, fields)
    return Mapping(
        name,
        type_name,
        fields,
        constants,
        drops,
        id_columns,
        zone,
        DELIMITERS.get(delimiter, ""),
        sheet,
        empty,
        refunds,
        id_repeats,
    )


def _table(node: Node | None, problems: Problems) -> tuple[str, str, frozenset[str]]:
    if node is None:
        return "", "", frozenset()
    reader = Reader(node, problems, "table")
    delimiter = reader.text("delimiter", choices=tuple(DELIMITERS))
    sheet = reader.text("sheet", limit=31)
    empty = frozenset(text.casefold() for text in reader.texts("empty"))
    reader.finish()
    return delimiter, sheet, empty


def _drops(node: Node | None, problems: Problems) -> tuple[Drop, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, list):
        problems.add(node.line, "drop must be a list of rules")
        return ()
    return tuple(_drop(item, problems) for item in node.value)


def _drop(node: Node, problems: Problems) -> Drop:
    reader = Reader(node, problems, "a drop rule")
    column = reader.text("column", required=True)
    reason = reader.text("reason", required=True, pattern="[a-z][a-z0-9_]{0,63}")
    values = reader.texts("values")
    empty = reader.truth("empty")
    if not values and not empty:
        reader.problem("column", "a drop rule needs values, or empty: true")
    reader.finish()
    patterns = tuple(re.compile(fnmatch.translate(value.casefold()), re.DOTALL) for value in values)
    return Drop(column, reason, patterns, empty)


def _id(node: Node | None, problems: Problems) -> tuple[tuple[str, ...], bool]:
    """Read `row`, the columns of a key, or the columns of a description, whose rows may repeat."""
    if node is None or node.value == BY_ROW:
        return (), False
    if isinstance(node.value, dict):
        reader = Reader(node, problems, "id")
        texts, repeats = reader.texts("columns", required=True), reader.truth("repeats", required=True)
        reader.finish()
        return texts, repeats
    columns = node.value if isinstance(node.value, list) else []
    texts = tuple(item.value for item in columns if isinstance(item.value, str))
    if not texts or len(texts) != len(columns):
        problems.add(node.line, "id must be a list of columns, a map of columns and repeats, or row")
    return texts, False


def _check_whole(reader: Reader, type_name: str, fields: tuple[Filled, ...], constants: set[str]) -> None:
    """Every field without which there is no event must be filled, and no field twice."""
    filled = [field.name for field in fields]
    for name in needed(type_name):
        if not any(given == name or given.startswith(f"{name}.") for given in (*filled, *constants)):
            reader.problem("fields", f"nothing fills {name}, which every such event has")
    for name in filled:
        if name in constants:
            reader.problem("constants", f"{name} is filled by a column too: keep one")


def _check_zone(reader: Reader, zone: str, fields: tuple[Filled, ...]) -> None:
    if zone and zone_of(zone) is None:
        reader.problem("zone", f"{zone} is no time zone{suggestion(zone, _SOME_ZONES)}")
    local = [field.name for field in fields if field.target.kind == "instant" and not _all_have_offsets(field)]
    if local and not zone:
        reader.problem("fields", f"{local[0]} is a wall-clock time: give its zone, such as zone: America/New_York")


def _all_have_offsets(field: Filled) -> bool:
    return all("%z" in layout or layout.startswith("unix_") for layout in field.formats)


_SOME_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "UTC",
)  # fmt: skip
