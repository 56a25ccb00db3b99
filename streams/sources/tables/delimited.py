"""Lines to rows of cells, by RFC 4180: quoted cells may hold delimiters, doubled quotation marks and line feeds.

Stricter than the `csv` module where it guesses: nothing may follow a closing quotation mark, and a quotation mark that
is never closed refuses the rows that it swallowed. One pass over the text whatever it holds.
"""

from collections.abc import Iterator

from streams.sources.tables.limits import CELL_CHARACTERS, COLUMNS, RECORD_BYTES, RECORD_LINES
from streams.sources.tables.lines import Line
from streams.sources.tables.rows import Row


class _Open:
    """A row whose last line ended inside a quoted cell."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.parts: list[str] = []
        self.lines: list[Line] = []
        self.size = 0

    def row(self, problem: str = "") -> Row:
        raw = b"\n".join(line.raw for line in self.lines)
        latin_1 = any(line.latin_1 for line in self.lines)
        cells = [] if problem else list(self.cells)
        return Row(self.lines[0].number, cells, raw, latin_1=latin_1, problem=problem)


def rows(lines: Iterator[Line], delimiter: str) -> Iterator[Row]:
    """Yield the rows of delimited text, in their order; a row that cannot be read carries the reason."""
    opened: _Open | None = None
    for line in lines:
        if opened is None and not line.problem and '"' not in line.text:
            yield _checked(Row(line.number, line.text.split(delimiter), line.raw, latin_1=line.latin_1))
            continue
        if line.problem:
            if opened is not None:
                yield opened.row("unclosed_quote")
                opened = None
            yield Row(line.number, [], line.raw, problem=line.problem)
            continue
        current = opened or _Open()
        opened = None
        current.lines.append(line)
        current.size += len(line.raw) + 1
        state = _read(line.text, delimiter, current)
        if state == "open" and (len(current.lines) >= RECORD_LINES or current.size > RECORD_BYTES):
            state = "unclosed_quote"
        if state == "open":
            opened = current
        else:
            yield _checked(current.row(state))
    if opened is not None:
        yield opened.row("unclosed_quote")


def _read(text: str, delimiter: str, current: _Open) -> str:
    """Read one line into `current`; return "" for a full row, `open` where it goes on, else what is wrong."""
    position = 0
    inside = bool(current.parts)
    while True:
        if not inside:
            if not text.startswith('"', position):
                end = text.find(delimiter, position)
                current.cells.append(text[position:] if end < 0 else text[position:end])
                if end < 0:
                    return ""
                position = end + 1
                continue
            position += 1
        end = text.find('"', position)
        if end < 0:
            current.parts += [text[position:], "\n"]
            return "open"
        current.parts.append(text[position:end])
        position = end + 1
        if text.startswith('"', position):
            current.parts.append('"')
            position += 1
            inside = True
            continue
        inside = False
        current.cells.append("".join(current.parts))
        current.parts.clear()
        if position == len(text):
            return ""
        if not text.startswith(delimiter, position):
            return "bad_quotes"
        position += 1


def _checked(row: Row) -> Row:
    if len(row.cells) > COLUMNS:
        return Row(row.number, [], row.raw, problem="too_many_columns")
    if len(row.raw) > CELL_CHARACTERS and any(len(str(cell)) > CELL_CHARACTERS for cell in row.cells):
        return Row(row.number, [], row.raw, problem="cell_too_large")
    return row
