"""Making the tables where they are missing."""

from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.schema import CreateColumn

from alerting.store.engine import WRITES
from alerting.store.tables import METADATA

_SCHEMA_LOCK = 0x53_43_48_45  # "SCHE": a key for PostgreSQL's advisory locks


def create_schema(engine: Engine) -> None:
    """Create the tables, columns and indexes that do not exist yet; several processes may do so at once."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            METADATA.create_all(connection)
            _add_missing_columns(connection)
            _add_missing_indexes(connection)


def _add_missing_columns(connection: Connection) -> None:
    """Add what a newer version added to a table that an older one made; such columns have a `server_default`."""
    found = inspect(connection)
    for table in METADATA.sorted_tables:
        present = {column["name"] for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                made = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {made}"))


def _add_missing_indexes(connection: Connection) -> None:
    """Add the indexes that a newer version has on a table that an older one made."""
    found = inspect(connection)
    for table in METADATA.sorted_tables:
        present = {index["name"] for index in found.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in present:
                index.create(connection)
