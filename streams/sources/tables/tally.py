"""What happened to the rows of a table that neither an event nor a refusal tells: counts only, never a value."""

from msgspec import Struct, field


class Tally(Struct):
    """Counts of one reading.

    `dropped` counts rows by the reason of the mapping's drop rule; `flags` what was read but is worth knowing, such as
    `latin_1`, `formula_text` or `ambiguous_local_time`; `unmapped` values that a value map does not know, by column.
    """

    rows: int = 0
    events: int = 0
    blank: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    unmapped: dict[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def flag(self, name: str) -> None:
        """Count one thing worth knowing."""
        count(self.flags, name)


def count(counts: dict[str, int], name: str) -> None:
    """Add one."""
    counts[name] = counts.get(name, 0) + 1
