"""Opening the database: SQLite in a file (or in memory, for one thread) or PostgreSQL."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url

BUSY_MILLISECONDS = 30_000
"""How long SQLite waits for another writer. Our transactions take milliseconds."""

WRITES = "wardwatch_writes"
"""Execution option of a connection whose transaction will write."""


def open_engine(url: str) -> Engine:
    """Return an engine for a URL such as `sqlite:///wardwatch.sqlite` or `postgresql+psycopg://user@host/name`.

    Parameters of statements are kept out of error messages and logs: they may hold PHI.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    in_memory = parsed.database in (None, "", ":memory:")
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(parsed, hide_parameters=True, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set what every connection needs. The driver must not begin transactions by itself: `_begin_sqlite` does."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what we acknowledge to Kafka must survive a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where we shall write: upgrading a read later fails instead of waiting."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
