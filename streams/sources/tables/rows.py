"""A row of a table as any of its formats yields it."""

import datetime
from collections.abc import Sequence

from msgspec import Struct

Cell = str | datetime.datetime
"""Text, or an Excel date: a wall-clock time without zone."""


class Row(Struct):
    """One row. `number` is its line in text, its row in a sheet; `problem` says why it cannot be read.

    `formulas` holds the positions of cells that compute: nothing is computed here.
    """

    number: int
    cells: Sequence[Cell]
    raw: bytes
    latin_1: bool = False
    problem: str = ""
    formulas: frozenset[int] = frozenset()

    @property
    def blank(self) -> bool:
        """Whether all cells are empty."""
        return not any(cell if isinstance(cell, datetime.datetime) else cell.strip() for cell in self.cells)

    def __repr__(self) -> str:
        return f"<Row {self.number}>"
