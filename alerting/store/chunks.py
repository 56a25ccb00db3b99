"""Statements about many rows, in pieces that every database takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK = 1_000
"""Bound values in one statement: SQLite takes 32 766, PostgreSQL 65 535."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the values in pieces; nothing for none."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
