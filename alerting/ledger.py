"""The ledger: for every source and hour, what was received and what became of it (design.md §3.4).

Counting must not be fooled by redelivery. An entry therefore says *which* records of which partition it speaks
of, and whoever adds it up ignores what lies at or before the last offset already counted.
"""

from msgspec import Struct

from detectors.ledger import LedgerRow

__all__ = ["LedgerEntry", "LedgerRow", "new_counts"]


class LedgerEntry(Struct, array_like=True):
    """The rows of one step of one agent, on one partition, in the order of their offsets."""

    topic: str
    partition: int
    rows: list[LedgerRow]


def new_counts(entry: LedgerEntry, counted_to: int) -> list[tuple[str, int, str, int]]:
    """Return `(source, hour, outcome, n)` for what `entry` adds beyond the offset `counted_to` (-1: nothing yet)."""
    return [
        (row.source, row.hour, row.outcome, row.n if row.first > counted_to else row.last - counted_to)
        for row in entry.rows
        if row.last > counted_to
    ]
