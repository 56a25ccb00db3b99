"""LEIE, the list of parties excluded from federal programmes: rows of the OIG's `UPDATED.csv` to exclusions (B14).

The file holds current exclusions only and replaces the one before it each month; the OIG's monthly supplements of
exclusions and of reinstatements have the same 18 columns. Waivers (one state's programme) are not told apart.
"""

import datetime
import hashlib
from collections.abc import Iterator, Sequence

from msgspec import Struct

from detectors.events import ExclusionContext
from detectors.reference.rows import BadRow, Rows, Table, compact_day, find_table

COLUMNS = (
    "LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "GENERAL", "SPECIALTY", "UPIN", "NPI", "DOB", "ADDRESS", "CITY",
    "STATE", "ZIP", "EXCLTYPE", "EXCLDATE", "REINDATE", "WAIVERDATE", "WVRSTATE",
)  # fmt: skip

LIST = "LEIE"

_NO_NPI = "0000000000"
_IDENTITY = ("LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "NPI", "DOB", "STATE", "EXCLTYPE", "EXCLDATE")


class Exclusion(Struct, frozen=True):
    """One exclusion, and the key by which it is the same in every issue of the list (a hash: it holds names).

    `content` changes where the same exclusion is stated otherwise, such as with a reinstatement.
    """

    number: int
    key: str
    content: str
    context: ExclusionContext

    def __repr__(self) -> str:
        return f"<Exclusion {self.number}>"


def read_exclusions(rows: Rows) -> Iterator[Exclusion | BadRow]:
    """Yield the exclusions of one issue, and the rows that cannot be one.

    Raises:
        TableError: where the 18 columns are not there.
    """
    table = find_table(rows, {name: (name,) for name in COLUMNS}, LIST)
    for number, row in table.rows:
        if any(cell.strip() for cell in row):
            yield _exclusion(number, row, table)


def _exclusion(number: int, row: Sequence[str], table: Table) -> Exclusion | BadRow:
    if len(row) != len(COLUMNS):
        return BadRow(number, "wrong_number_of_cells")
    npi = table.cell(row, "NPI")
    if npi in ("", _NO_NPI):
        npi = ""
    elif len(npi) != len(_NO_NPI) or not (npi.isascii() and npi.isdigit()):
        return BadRow(number, "bad_npi")
    try:
        since, until = compact_day(table.cell(row, "EXCLDATE")), compact_day(table.cell(row, "REINDATE"))
    except ValueError:
        return BadRow(number, "impossible_date")
    if since is None:
        return BadRow(number, "missing_exclusion_date")
    if until is not None and until < since:
        return BadRow(number, "reinstated_before_excluded")
    name = table.cell(row, "LASTNAME") or table.cell(row, "BUSNAME")
    context = ExclusionContext(from_=since, npi=npi, name_tok=name[:256], to=until, list=LIST)
    key = hashlib.sha256("\x1f".join(table.cell(row, column) for column in _IDENTITY).encode()).hexdigest()
    return Exclusion(number, key, until.isoformat() if until else "", context)


def midnight(day: datetime.date) -> float:
    """Return the first instant of a day in UTC, seconds since the epoch: when an exclusion begins to count."""
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp()
