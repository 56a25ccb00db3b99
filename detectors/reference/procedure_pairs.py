"""NCCI procedure-to-procedure edits (B02, B18): code pairs that are not paid together, each for a time.

The quarterly CMS files hold some three million rows. They are kept as sorted arrays, 17 bytes a row, and are looked up
by date of service. The files carry the notice of the AMA and stay with the site.
"""

import datetime
from array import array
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.reference.rows import BadRow, Rows, compact_day, find_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "column 1": ("Column 1", "Column1"),
    "column 2": ("Column 2", "Column2"),
    "effective": ("Effective",),
    "deletion": ("Deletion",),
    "modifier": ("Modifier",),
}
"""Our names to the beginnings of CMS's headings; the header may run over several rows, of which this is the first."""

_STANDS = np.iinfo(np.int32).max
_CODE_LENGTH = 5
_BASE = 37
_LETTERS = {letter: number for number, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)}


class Pair(Struct, frozen=True):
    """One edit: column 1 is paid, column 2 is denied. `modifier` 0: never both; 1: with a modifier; 9: does not apply.

    It holds on days from `since` to `until`, both included; `until` is None while it stands.
    """

    column_1: str
    column_2: str
    since: datetime.date
    until: datetime.date | None
    modifier: Literal[0, 1, 9]


class ProcedurePairs:
    """Edits by pair and day."""

    def __init__(
        self, keys: NDArray[np.int64], since: NDArray[np.int32], until: NDArray[np.int32], modifier: NDArray[np.uint8]
    ) -> None:
        order = np.lexsort((since, keys))
        self._keys, self._since, self._until = keys[order], since[order], until[order]
        self._modifier = modifier[order]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, column_1: str, column_2: str, day: datetime.date) -> Pair | None:
        """Return the edit of a pair, in this order of columns, that is active on a date of service."""
        first, second = _number(column_1), _number(column_2)
        if first is None or second is None:
            return None
        key = first * _BASE**_CODE_LENGTH + second
        number = day.toordinal()
        begin, end = np.searchsorted(self._keys, [key, key + 1]).tolist()
        # A pair that was deleted and came back has a row for each time.
        for index in range(end - 1, begin - 1, -1):
            if self._since[index] <= number <= self._until[index]:
                return self._pair(column_1, column_2, index)
        return None

    def either_way(self, one: str, other: str, day: datetime.date) -> Pair | None:
        """Return the edit of two codes that is active on a day, whichever of them is column 1."""
        return self.find(one, other, day) or self.find(other, one, day)

    def active_on(self, day: datetime.date) -> int:
        """Count the edits that are active on a day."""
        number = day.toordinal()
        return int(((self._since <= number) & (number <= self._until)).sum())

    def _pair(self, column_1: str, column_2: str, index: int) -> Pair:
        until = int(self._until[index])
        modifier: Literal[0, 1, 9] = _MODIFIERS[int(self._modifier[index])]
        return Pair(
            column_1,
            column_2,
            datetime.date.fromordinal(int(self._since[index])),
            None if until == _STANDS else datetime.date.fromordinal(until),
            modifier,
        )


_MODIFIERS: dict[int, Literal[0, 1, 9]] = {0: 0, 1: 1, 9: 9}


def load_procedure_pairs(rows: Rows) -> tuple[ProcedurePairs, list[BadRow]]:
    """Read an edit file, or several one after the other (each with its header).

    Returns:
        The edits, and the rows that are none. Rows of the header and of notices are not counted as such.

    Raises:
        TableError: where there is no header.
    """
    table = find_table(rows, COLUMNS, "PTP edits")
    keys, since, until, modifiers = array("q"), array("i"), array("i"), array("B")
    bad: list[BadRow] = []
    for number, row in table.rows:
        first, second = _number(table.cell(row, "column 1")), _number(table.cell(row, "column 2"))
        if first is None or second is None:
            if table.cell(row, "effective").isdigit():
                bad.append(BadRow(number, "bad_code"))
            continue
        modifier = table.cell(row, "modifier")[:1]
        try:
            begin, end = compact_day(table.cell(row, "effective")), compact_day(table.cell(row, "deletion"))
        except ValueError:
            bad.append(BadRow(number, "impossible_date"))
            continue
        if begin is None or modifier not in ("0", "1", "9"):
            bad.append(BadRow(number, "missing_effective_date" if begin is None else "bad_modifier_indicator"))
            continue
        keys.append(first * _BASE**_CODE_LENGTH + second)
        since.append(begin.toordinal())
        until.append(_STANDS if end is None else end.toordinal())
        modifiers.append(int(modifier))
    pairs = ProcedurePairs(
        np.array(keys, np.int64), np.array(since, np.int32), np.array(until, np.int32), np.array(modifiers, np.uint8)
    )
    return pairs, bad


def _number(code: str) -> int | None:
    """Return a code of five letters and digits as a number, None for any other text."""
    if len(code) != _CODE_LENGTH:
        return None
    number = 0
    for letter in code.upper():
        if letter not in _LETTERS:
            return None
        number = number * _BASE + _LETTERS[letter]
    return number
