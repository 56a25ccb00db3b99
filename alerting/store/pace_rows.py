"""When channels and their recipients may be called next, for all senders: a provider counts their calls together."""

from typing import Any

from sqlalchemy import Column, Connection, Float, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.store.metadata import METADATA, Text, required

PACES = Table(
    "outbox_paces",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),  # `*` for the channel as a whole
    required("free_at", Float),
)

WHOLE = "*"
"""Stands for everybody whom a channel reaches."""

_TABLE = PACES.c
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def locked_paces(connection: Connection, channel: str) -> dict[str, float]:
    """Return when a channel and its recipients may be called next; no other sender learns it until this is over.

    Only the row of the channel is locked, and everybody locks it first: nobody can wait for each other in a circle.
    """
    whole = select(_TABLE.free_at).where(_TABLE.channel == channel, _TABLE.recipient == WHOLE).with_for_update()
    if connection.execute(whole).first() is None:
        row = _INSERT[connection.dialect.name](PACES).values(channel=channel, recipient=WHOLE, free_at=0.0)
        connection.execute(row.on_conflict_do_nothing())
        connection.execute(whole)
    query = select(_TABLE.recipient, _TABLE.free_at).where(_TABLE.channel == channel)
    return {row.recipient: row.free_at for row in connection.execute(query)}


def rest_until(connection: Connection, channel: str, recipient: str, free_at: float) -> None:
    """Let nobody call a channel, or one recipient of it, before a time."""
    row = _INSERT[connection.dialect.name](PACES).values(channel=channel, recipient=recipient, free_at=free_at)
    later = {"free_at": row.excluded.free_at}
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["channel", "recipient"], set_=later, where=_TABLE.free_at < row.excluded.free_at
        )
    )
