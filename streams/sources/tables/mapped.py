"""One row to one canonical event, by a mapping and the header of its table."""

import datetime
import re
from typing import Any

import msgspec

from detectors.events import DATA_TYPES, BadRecord, Event, event_id
from detectors.events.envelope import decode
from streams.sources.api import Item, Origin, Refused
from streams.sources.local_time import zone
from streams.sources.tables.cells import Filling, Unfit, fill
from streams.sources.tables.header import Header
from streams.sources.tables.mapping import Filled, Mapping
from streams.sources.tables.repeats import Repeats
from streams.sources.tables.rows import Cell, Row
from streams.sources.tables.tally import Tally, count
from streams.sources.tables.targets import TIME, Part

_NUMBER_SIGNS = re.compile(r"[+-]\(?[$]?[0-9.,]+\)?")


class Mapper:
    """Maps the rows of one table.

    Args:
        mapping: what the columns mean.
        header: where they are.
        origin: names the source and the file.
        tally: counts what is dropped or doubtful.
        layout: `csv` or `xlsx`, for `src.format`.
    """

    def __init__(self, mapping: Mapping, header: Header, origin: Origin, tally: Tally, layout: str) -> None:
        self._mapping = mapping
        self._position = header.position
        self._width = header.width
        self._origin = origin
        self._tally = tally
        self._layout = layout
        self._repeats = Repeats()
        self._zone: datetime.tzinfo = zone(mapping.zone) or datetime.UTC
        self._has_source = any(
            info.encode_name == "src" for info in msgspec.structs.fields(DATA_TYPES[mapping.type_name])
        )
        self._used = frozenset(header.position.values())
        self._has_lists = any(
            isinstance(part, int)
            for target in (*(field.target for field in mapping.fields), *(target for target, _ in mapping.constants))
            for part in target.path
        )

    def item(self, row: Row) -> Item | None:
        """Return the event of a row, its refusal, or None where a rule of the mapping leaves it out."""
        problem = row.problem or self._shape_problem(row)
        if problem:
            return self._refused(problem, f"line {row.number}", row)
        cells = [self._cleaned(cell) for cell in row.cells]
        if any(_computes(cells[index]) for index in self._used if index < len(cells)):
            self._tally.flag("formula_text")
        for drop in self._mapping.drops:
            if drop.matches(str(self._cell(cells, drop.column))):
                count(self._tally.dropped, drop.reason)
                return None
        return self._event(row, cells)

    def _shape_problem(self, row: Row) -> str:
        if row.formulas and not self._used.isdisjoint(row.formulas):
            return "formula_cell"
        if len(row.cells) < self._width and self._layout == "csv":
            return "too_few_cells"
        if any(cell if isinstance(cell, datetime.datetime) else cell.strip() for cell in row.cells[self._width :]):
            return "too_many_cells"
        return ""

    def _cleaned(self, cell: Cell) -> Cell:
        if isinstance(cell, datetime.datetime):
            return cell
        text = cell.strip()
        return "" if text.casefold() in self._mapping.empty else text

    def _cell(self, cells: list[Cell], column: str) -> Cell:
        index = self._position.get(column)
        return cells[index] if index is not None and index < len(cells) else ""

    def _event(self, row: Row, cells: list[Cell]) -> Item:
        data: dict[Part, Any] = {}
        place = f"line {row.number}"
        for target, constant in self._mapping.constants:
            _put(data, target.path, constant)
        for field in self._mapping.fields:
            try:
                value = self._filling(field, cells)
            except Unfit as unfit:
                return self._refused(str(unfit), f"{place}, column {' + '.join(field.columns)}", row)
            if value is not None or self._says_none(field):
                _put(data, field.target.path, value)
        refunded = str(self._cell(cells, self._mapping.refunds)) if self._mapping.refunds else ""
        if refunded:
            # As that row's own id is made.
            data["links"] = [{"rel": "refunds", "id": event_id(self._origin.source, self._key([refunded]))}]
        if self._has_source:
            source = data.setdefault("src", {})
            source |= {"format": self._layout, "file_id": self._origin.file_id[:256], "ordinal": row.number}
        key = self._natural_key(row, cells)
        if key is None:
            return self._refused("missing_id", f"{place}, column {' + '.join(self._mapping.id_columns)}", row)
        try:
            return self._decoded(data, key)
        except BadRecord as bad:
            return self._refused(bad.reason, f"{place}, {bad.detail}".removesuffix(", "), row)

    def _filling(self, field: Filled, cells: list[Cell]) -> Filling:
        return fill(field, [self._cell(cells, column) for column in field.columns], self._zone, self._tally)

    def _says_none(self, field: Filled) -> bool:
        return field.empty_means_none and any(column in self._position for column in field.columns)

    def _natural_key(self, row: Row, cells: list[Cell]) -> str | None:
        if not self._mapping.id_columns:
            return "\x1f".join((self._mapping.name, self._origin.file_id, str(row.number)))
        parts = [str(self._cell(cells, column)) for column in self._mapping.id_columns]
        key = self._key(parts)
        if not self._mapping.id_repeats:
            return key if all(parts) else None
        number = self._repeats.number(key) if any(parts) else 0
        return f"{key}\x1f{number}" if number else None

    def _key(self, parts: list[str]) -> str:
        return "\x1f".join((self._mapping.name, *parts))

    def _decoded(self, data: dict[Part, Any], key: str) -> Event:
        """Build the event as the intake would: one place decides what a canonical event may hold."""
        stated = data.pop(TIME, None)
        body = _listed(data) if self._has_lists else data
        event, _ = decode(
            msgspec.json.encode(body),
            id=event_id(self._origin.source, key),
            source=self._origin.source,
            type_name=self._mapping.type_name,
            time=datetime.datetime.fromisoformat(stated) if stated else None,
        )
        return event

    def _refused(self, reason: str, place: str, row: Row) -> Refused:
        return Refused(reason, place, row.raw or "\t".join(map(str, row.cells)).encode("utf-8", "replace"))


def _computes(cell: Cell) -> bool:
    """Whether a spreadsheet would compute a text (OWASP, "CSV Injection"); signed numbers are numbers."""
    if isinstance(cell, datetime.datetime) or not cell.startswith(("=", "+", "-", "@")):
        return False
    return _NUMBER_SIGNS.fullmatch(cell) is None and cell != "-"


def _put(data: dict[Part, Any], path: tuple[Part, ...], value: object) -> None:
    here = data
    for part in path[:-1]:
        here = here.setdefault(part, {})
    here[path[-1]] = value


def _listed(value: object) -> Any:  # noqa: ANN401 - JSON of any shape
    """Turn maps with numbers as keys into lists in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_listed(value[key]) for key in sorted(value)]
    return {key: _listed(item) for key, item in value.items()}
