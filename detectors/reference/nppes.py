"""NPPES, the registry of providers (B13, B15): the monthly extract to what is known of each NPI.

The full extract has more than eight million rows of 330 columns. Kept are the NPIs that are wanted, or all as sorted
arrays, 31 bytes a provider.
"""

import datetime
import re
from array import array
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct

from detectors.reference.rows import BadRow, Rows, Table, find_table

TAXONOMIES = 15
"""Taxonomy codes of one provider; the extract has a column for each."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "npi": ("NPI",),
    "entity": ("Entity Type Code",),
    "state": ("Provider Business Practice Location Address State Name",),
    "zip": ("Provider Business Practice Location Address Postal Code",),
    "enumerated": ("Provider Enumeration Date",),
    "deactivated": ("NPI Deactivation Date",),
    "reactivated": ("NPI Reactivation Date",),
    "taxonomy 1": ("Healthcare Provider Taxonomy Code_1",),
    "primary 1": ("Healthcare Provider Primary Taxonomy Switch_1",),
    **{
        name: (heading, "")
        for number in range(2, TAXONOMIES + 1)
        for name, heading in (
            (f"taxonomy {number}", f"Healthcare Provider Taxonomy Code_{number}"),
            (f"primary {number}", f"Healthcare Provider Primary Taxonomy Switch_{number}"),
        )
    },
}
"""Our names to the extract's headings; "" marks a column that may be absent."""


class Provider(Struct, frozen=True):
    """What is known of one NPI. `entity` 1: a person; 2: an organisation; 0: not stated, as for deactivated ones.

    `taxonomies` has the primary one first. `zip5` and `state` are those of the practice.
    """

    npi: str
    entity: Literal[0, 1, 2]
    taxonomies: tuple[str, ...] = ()
    state: str = ""
    zip5: str = ""
    enumerated: datetime.date | None = None
    deactivated: datetime.date | None = None
    reactivated: datetime.date | None = None

    def active_on(self, day: datetime.date) -> bool:
        """Whether the NPI was in use on a date of service.

        Only the last deactivation and the last reactivation are known; a reactivation ends the deactivation before it.
        """
        if self.enumerated is not None and day < self.enumerated:
            return False
        if self.deactivated is None or day < self.deactivated:
            return True
        return self.reactivated is not None and self.deactivated <= self.reactivated <= day


class Registry:
    """Providers by NPI, as sorted arrays."""

    def __init__(self, builder: "_Builder") -> None:
        npis = np.array(builder.npis, np.int64)
        # Of an NPI that is there twice, the last row counts.
        order = np.argsort(npis, kind="stable")
        last = np.append(npis[order][1:] != npis[order][:-1], True) if len(order) else np.array([], bool)
        kept = order[last]
        self._npis = npis[kept]
        self._entity = np.array(builder.entities, np.uint8)[kept]
        self._days = np.array(builder.days, np.int32).reshape(-1, 3)[kept]
        self._places = np.array(builder.places, np.int32)[kept]
        self._taxonomies = np.array(builder.taxonomies, np.int32)[kept]
        self._known_places = list(builder.known_places)
        self._known_taxonomies = list(builder.known_taxonomies)

    def __len__(self) -> int:
        return len(self._npis)

    def find(self, npi: str) -> Provider | None:
        """Return what is known of an NPI."""
        if not _is_npi(npi):
            return None
        index = int(np.searchsorted(self._npis, int(npi)))
        if index == len(self._npis) or self._npis[index] != int(npi):
            return None
        state, zip5 = self._known_places[self._places[index]]
        enumerated, deactivated, reactivated = map(_day_of, self._days[index].tolist())
        entity = _ENTITIES[int(self._entity[index])]
        taxonomies = self._known_taxonomies[self._taxonomies[index]]
        return Provider(npi, entity, taxonomies, state, zip5, enumerated, deactivated, reactivated)

    def active_on(self, npi: str, day: datetime.date) -> bool | None:
        """Whether an NPI was in use on a date of service; None where it is not in the registry."""
        provider = self.find(npi)
        return provider.active_on(day) if provider is not None else None


_ENTITIES: dict[int, Literal[0, 1, 2]] = {0: 0, 1: 1, 2: 2}


def load_registry(rows: Rows, wanted: Callable[[str], bool] = lambda _: True) -> tuple[Registry, list[BadRow]]:
    """Read an extract.

    Args:
        rows: header and data.
        wanted: which NPIs to keep, such as `seen.__contains__`.

    Returns:
        The registry, and the rows that cannot be used.

    Raises:
        TableError: where there is no header.
    """
    table = find_table(rows, COLUMNS, "NPPES")
    builder = _Builder()
    bad: list[BadRow] = []
    for number, row in table.rows:
        npi = table.cell(row, "npi")
        if not any(cell.strip() for cell in row):
            continue
        if not _is_npi(npi):
            bad.append(BadRow(number, "bad_npi"))
        elif wanted(npi):
            try:
                builder.add(npi, row, table)
            except ValueError:
                bad.append(BadRow(number, "impossible_value"))
    return Registry(builder), bad


class _Builder:
    """Grows the columns of a registry, row by row; places and sets of taxonomies are kept once each."""

    def __init__(self) -> None:
        self.npis, self.entities, self.days = array("q"), array("B"), array("i")
        self.places, self.taxonomies = array("i"), array("i")
        self.known_places: dict[tuple[str, str], int] = {}
        self.known_taxonomies: dict[tuple[str, ...], int] = {}

    def add(self, npi: str, row: Sequence[str], table: Table) -> None:
        """Add one provider; raises ValueError, and adds nothing, where a value is impossible."""
        entity = {"": 0, "1": 1, "2": 2}.get(table.cell(row, "entity"), -1)
        if entity < 0:
            raise ValueError
        days = [_ordinal(table.cell(row, name)) for name in ("enumerated", "deactivated", "reactivated")]
        place = (table.cell(row, "state").upper()[:40], table.cell(row, "zip")[:5])
        self.npis.append(int(npi))
        self.entities.append(entity)
        self.days.extend(days)
        self.places.append(self.known_places.setdefault(place, len(self.known_places)))
        taxonomies = _taxonomies(row, table)
        self.taxonomies.append(self.known_taxonomies.setdefault(taxonomies, len(self.known_taxonomies)))


def _taxonomies(row: Sequence[str], table: Table) -> tuple[str, ...]:
    found = []
    for number in range(1, TAXONOMIES + 1):
        code = table.cell(row, f"taxonomy {number}").upper()
        if code:
            found.append((table.cell(row, f"primary {number}").upper() != "Y", number, code))
    return tuple(dict.fromkeys(code for _, _, code in sorted(found)))


def _is_npi(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isdigit()


_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def _ordinal(text: str) -> int:
    """Return the day of `MM/DD/YYYY` as a number, 0 for none."""
    if not text:
        return 0
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError
    month, day, year = map(int, match.groups())
    return datetime.date(year, month, day).toordinal()


def _day_of(ordinal: int) -> datetime.date | None:
    return datetime.date.fromordinal(ordinal) if ordinal else None
