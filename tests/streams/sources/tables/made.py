"""Tables and mappings made for tests."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

from detectors.events import AccessEvent, Event
from streams.sources.api import Item, Origin, Refused
from streams.sources.reasons import SENTENCES
from streams.sources.tables import Mapping, Tally, read_table
from streams.sources.tables.document import read_mapping

ORIGIN = Origin("urn:wardwatch:src:test", "file-1")

ACCESS = """
mapping: test_access
target: phi_access
zone: America/New_York
fields:
  occurred_at: {column: Time, formats: [iso8601, "%m/%d/%Y %I:%M:%S %p"]}
  actor.id: User
  patient.ref: Patient
  action:
    column: What
    values: {"open": read, "print": print, "*search*": query}
id: [Key]
"""


def mapping(text: str = ACCESS, **_: object) -> Mapping:
    return read_mapping(text, "test.yml")


def read(content: bytes, text: str = ACCESS, tally: Tally | None = None) -> list[Item]:
    found = list(read_table(io.BytesIO(content), ORIGIN, mapping(text), tally))
    assert {item.reason for item in found if isinstance(item, Refused)} <= set(SENTENCES)
    return found


def events(items: Sequence[Item]) -> list[Event]:
    """Return the items, all of which must be events."""
    assert [item for item in items if isinstance(item, Refused)] == []
    return [item for item in items if isinstance(item, Event)]


def reasons(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Return reason and place of the refusals, all of which the items must be."""
    assert all(isinstance(item, Refused) for item in items)
    return [(item.reason, item.place) for item in items if isinstance(item, Refused)]


def access(item: Item) -> AccessEvent:
    assert isinstance(item, Event)
    assert isinstance(item.data, AccessEvent)
    return item.data


def workbook(rows: Sequence[Sequence[Any]], sheet: str = "Export") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def changed(content: bytes, name: str, part: bytes) -> bytes:
    """Return an archive with one part replaced or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.namelist():
            if entry != name:
                after.writestr(entry, before.read(entry))
        after.writestr(name, part)
    return made.getvalue()
