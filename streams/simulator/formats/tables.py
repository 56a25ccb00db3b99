"""What a hospital exports as tables: accesses, payments and context as CSV, in the columns of the mappings' presets.

A preset says which column fills which field; here the same is read the other way round.
"""

import csv
import datetime
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from detectors.events import DATA_TYPES, BillingTransaction, Event
from detectors.events.billing import Kind
from streams.simulator.formats.sheet import Sheet
from streams.simulator.record import Simulated
from streams.sources.tables import Mapping, load_mapping
from streams.sources.tables.mapping import Filled
from streams.sources.tables.targets import TARGETS, TIME

PRESETS: dict[str, str] = {
    TARGETS["phi_access"]: "plain_access",
    TARGETS["billing_transaction"]: "generic_payments",
    TARGETS["staff"]: "plain_staff",
    TARGETS["patient"]: "plain_patient",
    TARGETS["appointment"]: "plain_appointment",
    TARGETS["encounter"]: "plain_encounter",
    TARGETS["order"]: "plain_order",
    TARGETS["care_team"]: "plain_care_team",
    TARGETS["task"]: "plain_task",
    TARGETS["roster"]: "plain_roster",
    TARGETS["exclusion"]: "plain_exclusion",
}
"""CloudEvents `type` to the mapping of its table, which is the name of the file too."""

_PAYMENTS: frozenset[Kind] = frozenset({"patient_payment", "refund", "credit", "write_off", "adjustment"})
"""What a patient accounting system knows; claims and remittances have a format of their own."""

_SITE_ZONE = "UTC"
_FLUSH_CHARACTERS = 1 << 16

Cell = Callable[[Event], str]


class TableFiles:
    """Writes accesses, payments and context; a row that comes twice is written twice, the same."""

    def __init__(self, folder: Path) -> None:
        self._tables = {
            type_name: _Table(folder / f"{name}.csv", load_mapping(name, _SITE_ZONE))
            for type_name, name in PRESETS.items()
        }

    @property
    def sheets(self) -> list[Sheet]:
        """Return the files."""
        return [table.sheet for table in self._tables.values()]

    def write(self, item: Simulated) -> None:
        """Write what a table has columns for."""
        data = item.event.data
        if not isinstance(data, BillingTransaction) or data.kind in _PAYMENTS:
            self._tables[item.event.type].write(item)

    def close(self) -> None:
        """Close the files."""
        for table in self._tables.values():
            table.close()


class _Table:
    """One table: its header, then a row for each event."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self.sheet = Sheet(path, mapping)
        self._text = StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        cells = {field.columns[0]: _cell(field, mapping.type_name) for field in mapping.fields}
        cells |= dict.fromkeys(mapping.id_columns, _id)
        if mapping.refunds:
            cells[mapping.refunds] = _refunded
        self._cells = list(cells.values())
        self._writer.writerow(cells)

    def write(self, item: Simulated) -> None:
        event = item.event
        self.sheet.count(item)
        self._writer.writerow([cell(event) for cell in self._cells])
        if self._text.tell() > _FLUSH_CHARACTERS:
            self._flush()

    def close(self) -> None:
        if self.sheet.records:
            self._flush()
        self.sheet.close()

    def _flush(self) -> None:
        self.sheet.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


def _id(event: Event) -> str:
    return event.id


def _refunded(event: Event) -> str:
    links = event.data.links if isinstance(event.data, BillingTransaction) else []
    return next((link.id for link in links if link.rel == "refunds"), "")


def _cell(field: Filled, type_name: str) -> Cell:
    """Return what writes the cell of a field: empty where the event says nothing, or nothing but the default."""
    write = _writer_of(field)
    if field.target.path == (TIME,):
        return lambda event: write(datetime.datetime.fromtimestamp(event.time, datetime.UTC))
    names, default = _attributes(field, type_name)

    def cell(event: Event) -> str:
        here: Any = event.data
        for name in names:
            here = getattr(here, name)
            if here is None:
                return ""
        return "" if here == default else write(here)

    return cell


def _attributes(field: Filled, type_name: str) -> tuple[list[str], object]:
    """Return the names of the attributes that lead to a field, and its default."""
    here: Any = DATA_TYPES[type_name]
    names = []
    default: object = msgspec.NODEFAULT
    for part in field.target.path:
        info = next(info for info in msgspec.structs.fields(here) if info.encode_name == part)
        names.append(info.name)
        default = info.default
        here = next((one for one in getattr(info.type, "__args__", ()) if one is not type(None)), info.type)
    return names, default


def _writer_of(field: Filled) -> Callable[[Any], str]:
    if field.values is not None:
        words = {value: word for word, value in reversed(field.values.exact.items())}
        return lambda value: words[value]
    if field.target.kind == "cents":
        return _dollars
    if field.target.kind == "texts":
        return field.split.join
    return _TEXTS.get(field.target.kind, str)


def _dollars(cents: int) -> str:
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{dollars}.{rest:02d}"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "instant": datetime.datetime.isoformat,
    "date": datetime.date.isoformat,
    "flag": lambda value: "true" if value else "false",
    "number": repr,
}
