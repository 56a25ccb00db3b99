"""XLSX to rows. The archive is judged before it is opened; formulas are told, never computed.

openpyxl's read-only mode keeps the shared texts of a workbook in memory and streams the rest.
"""

import datetime
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import openpyxl

from streams.sources.reads import Readable
from streams.sources.tables.archive import danger
from streams.sources.tables.limits import CELL_CHARACTERS, COLUMNS, HEADER_ROWS, SHEET_ROWS, WORKBOOK_BYTES
from streams.sources.tables.rows import Cell, Row
from streams.sources.zip_directory import is_too_long

_CHUNK = 64 * 1024

MAGIC = b"PK\x03\x04"
"""How a ZIP archive, and so an XLSX file, begins (APPNOTE.TXT, section 4.3.7)."""


def workbook_rows(stream: Readable, sheet: str = "") -> Iterator[Row]:
    """Yield the rows of one sheet, the first visible one where none is named.

    What cannot be read is one row with a problem, and the last.
    """
    with _seekable(stream) as file:
        problem = _danger(file)
        if problem:
            yield Row(0, [], b"", problem=problem)
            return
        rows = _rows(file, sheet)
        while True:
            # openpyxl's guard: on damaged parts it raises whatever the code that it was in raises.
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    row = next(rows, None)
            except Exception:  # noqa: BLE001
                row = Row(0, [], b"", problem="damaged_workbook")
            if row is None:
                return
            yield row
            if row.number == 0:
                return


def _rows(file: IO[bytes], sheet: str) -> Iterator[Row]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    visible = [page for page in book.worksheets if page.sheet_state == "visible"]
    page = next((page for page in visible if not sheet or page.title == sheet), None)
    if page is None:
        yield Row(0, [], b"", problem="missing_sheet")
        return
    # What a sheet states of its own size may be wrong. The rows that may hold the header are read as wide as a table
    # may be; they tell how wide the rest is, so that one far cell does not make every row long.
    page.reset_dimensions()
    width = 1
    for number, cells in enumerate(page.iter_rows(max_row=HEADER_ROWS, max_col=COLUMNS), 1):
        row = _row(number, cells)
        filled = max((index + 1 for index, cell in enumerate(row.cells) if cell != ""), default=0)
        row.cells = row.cells[:filled]
        width = max(width, filled)
        yield row
    below = HEADER_ROWS + 1
    # One column more shows cells that stand beside the table.
    rest = page.iter_rows(min_row=below, max_row=SHEET_ROWS, max_col=min(width + 1, COLUMNS))
    for number, cells in enumerate(rest, below):
        yield _row(number, cells)


def _row(number: int, cells: tuple[Any, ...]) -> Row:
    values = [_cell(cell) for cell in cells]
    formulas = frozenset(index for index, cell in enumerate(cells) if cell.data_type == "f")
    too_large = any(isinstance(value, str) and len(value) > CELL_CHARACTERS for value in values)
    return Row(number, values, b"", problem="cell_too_large" if too_large else "", formulas=formulas)


def _cell(cell: Any) -> Cell:  # noqa: ANN401 - one of several cell types of openpyxl
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Excel keeps 15 digits; what stands behind them is noise of binary fractions.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    return str(value)


def _danger(file: IO[bytes]) -> str:
    if file.seek(0, 2) > WORKBOOK_BYTES:
        return "too_large"
    if is_too_long(file):
        return "too_many_parts"
    try:
        with zipfile.ZipFile(file) as archive:
            problem = danger(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        problem = "damaged_workbook"
    file.seek(0)
    return problem


def _seekable(stream: Readable) -> IO[bytes]:
    """Return a copy that can be read from its end, where an archive keeps its list of parts."""
    copy = tempfile.SpooledTemporaryFile(max_size=16 * 1024 * 1024)  # noqa: SIM115 - closed by the caller
    left = WORKBOOK_BYTES + 1
    while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
        copy.write(chunk)
        left -= len(chunk)
    return copy
