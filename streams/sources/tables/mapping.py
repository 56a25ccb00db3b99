"""What a mapping says, once read: which columns of a table fill which fields of a canonical event, and how."""

import fnmatch
import re
from collections.abc import Iterable

from msgspec import Struct

from detectors.sigma.problems import Problem
from streams.sources.tables.targets import Target

Value = str | int | float | bool | None


class MappingError(Exception):
    """A mapping that is refused; `problems` holds everything that is wrong with it, each with its file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class ValueMap(Struct, frozen=True):
    """Values of a column to canonical ones: written out, else by pattern (`*-select*`), upper and lower case alike.

    Without `otherwise` or `keep`, a value that is not in the map refuses its row.
    """

    exact: dict[str, Value]
    patterns: tuple[tuple[re.Pattern[str], Value], ...] = ()
    otherwise: Value = None
    has_otherwise: bool = False
    keep: bool = False

    def find(self, text: str) -> tuple[bool, Value]:
        """Return whether the map knows a value, and what it becomes."""
        folded = text.casefold()
        if folded in self.exact:
            return True, self.exact[folded]
        for pattern, value in self.patterns:
            if pattern.match(folded):
                return True, value
        if self.has_otherwise:
            return True, self.otherwise
        return self.keep, text


def value_map(
    values: dict[str, Value], otherwise: Value = None, *, has_otherwise: bool = False, keep: bool = False
) -> ValueMap:
    """Part the entries of a value map into texts and patterns (those with an asterisk), in their order."""
    exact = {key.casefold(): value for key, value in values.items() if "*" not in key}
    patterns = tuple(
        (re.compile(fnmatch.translate(key.casefold()), re.DOTALL), value) for key, value in values.items() if "*" in key
    )
    return ValueMap(exact, patterns, otherwise, has_otherwise, keep)


class Filled(Struct, frozen=True):
    """One field and what fills it.

    Several columns are joined by `join`. `formats` are those of `datetime.strptime`, or `iso8601`, `unix_seconds`,
    `unix_milliseconds`. `split` parts one cell into a list; `present` says only whether the cell holds anything.
    `empty_means_none` tells that an empty cell states that there is no such time, where it is otherwise not said.
    """

    name: str
    target: Target
    columns: tuple[str, ...]
    join: str = " "
    optional: bool = False
    formats: tuple[str, ...] = ()
    values: ValueMap | None = None
    split: str = ""
    present: bool = False
    minor_unit: bool = False
    negate: bool = False
    empty_means_none: bool = False


class Drop(Struct, frozen=True):
    """Rows that are left out, and why: those whose cell matches one of the patterns, or is empty."""

    column: str
    reason: str
    patterns: tuple[re.Pattern[str], ...] = ()
    empty: bool = False

    def matches(self, text: str) -> bool:
        """Whether the rule leaves out a row with this cell."""
        if not text:
            return self.empty
        return any(pattern.match(text.casefold()) for pattern in self.patterns)


class Mapping(Struct, frozen=True):
    """A whole mapping. `id_columns` make the natural key of a row; without them its key is the file and its line.

    With `id_repeats` it only describes a row: equal rows are different events, told apart by their order in the file.
    `refunds` is the column with the id of the row that a refund gives back, "" for none. `zone` is the IANA name of the
    zone of wall-clock times; empty where every time has its offset.
    """

    name: str
    type_name: str
    fields: tuple[Filled, ...]
    constants: tuple[tuple[Target, Value], ...] = ()
    drops: tuple[Drop, ...] = ()
    id_columns: tuple[str, ...] = ()
    zone: str = ""
    delimiter: str = ""
    sheet: str = ""
    empty: frozenset[str] = frozenset()
    refunds: str = ""
    id_repeats: bool = False

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Columns that the header must have."""
        filled = (column for field in self.fields if not field.optional for column in field.columns)
        return tuple(dict.fromkeys([*filled, *(drop.column for drop in self.drops), *self.id_columns]))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the mapping knows."""
        filled = (column for field in self.fields for column in field.columns)
        refunds = [self.refunds] if self.refunds else []
        return tuple(dict.fromkeys([*filled, *self.required_columns, *refunds]))
