"""The header of a table: found below titles and notices, and matched to the columns of a mapping."""

from collections.abc import Iterable

from msgspec import Struct

from streams.sources.tables.limits import HEADER_ROWS
from streams.sources.tables.mapping import Mapping
from streams.sources.tables.rows import Row


class Header(Struct):
    """Where the header stands, how many columns it has, and where each column of the mapping is among them.

    Without a header, `problem` says why and `missing` names the columns of the mapping that were looked for in vain.
    """

    number: int = 0
    width: int = 0
    names: tuple[str, ...] = ()
    position: dict[str, int] = {}
    problem: str = ""
    missing: tuple[str, ...] = ()


def find_header(rows: Iterable[Row], mapping: Mapping) -> Header:
    """Return the first row that names every column the mapping requires; case and spacing do not count."""
    missing = mapping.required_columns
    seen = False
    first_problem = ""
    for _, row in zip(range(HEADER_ROWS), rows, strict=False):
        first_problem = first_problem or row.problem
        if row.problem or row.blank:
            continue
        seen = True
        names = tuple(str(cell).strip() for cell in row.cells)
        folded = [_folded(name) for name in names]
        absent = tuple(column for column in mapping.required_columns if _folded(column) not in folded)
        if not absent:
            twice = tuple(column for column in mapping.columns if folded.count(_folded(column)) > 1)
            if twice:
                return Header(problem="duplicate_column", missing=twice)
            position = {
                column: folded.index(_folded(column)) for column in mapping.columns if _folded(column) in folded
            }
            return Header(row.number, _width(names), names, position)
        missing = min(missing, absent, key=len)
    if seen:
        return Header(problem="missing_column", missing=missing)
    return Header(problem=first_problem or "empty_table")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _width(names: tuple[str, ...]) -> int:
    """Count columns up to the last that has a name."""
    return max(index + 1 for index, name in enumerate(names) if name)
