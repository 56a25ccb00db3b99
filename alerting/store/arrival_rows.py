"""The tables of arrivals: how many events of each source were counted in which five minutes of the wall clock.

They are written with the ledger, in its transaction, so a record that is delivered again is not counted again.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.store.schema import ARRIVALS, WATCHED

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_arrivals(connection: Connection, slot: int, received: Mapping[str, int]) -> None:
    """Add what sources sent in a slot."""
    if not received:
        return
    statement = _INSERT[connection.dialect.name](ARRIVALS)
    statement = statement.on_conflict_do_update(
        index_elements=["slot", "source"], set_={"n": ARRIVALS.c.n + statement.excluded.n}
    )
    # One order for all: no deadlock.
    rows = [{"slot": slot, "source": source, "n": n} for source, n in sorted(received.items())]
    connection.execute(statement, rows)


def mark_watched(connection: Connection, slot: int) -> None:
    """Note that somebody took in events in a slot, so that what did not arrive in it was not sent."""
    connection.execute(_INSERT[connection.dialect.name](WATCHED).values(slot=slot).on_conflict_do_nothing())


def arrivals_since(connection: Connection, slot: int) -> list[tuple[str, int, int]]:
    """Return `(source, slot, n)` from a slot on."""
    table = ARRIVALS.c
    query = select(table.source, table.slot, table.n).where(table.slot >= slot)
    return [(row.source, row.slot, row.n) for row in connection.execute(query)]


def watched_since(connection: Connection, slot: int) -> list[int]:
    """Return the slots from `slot` on in which somebody took in events."""
    return list(connection.scalars(select(WATCHED.c.slot).where(WATCHED.c.slot >= slot)))


def forget_before(connection: Connection, slot: int) -> None:
    """Drop what lies before a slot."""
    connection.execute(delete(ARRIVALS).where(ARRIVALS.c.slot < slot))
    connection.execute(delete(WATCHED).where(WATCHED.c.slot < slot))
