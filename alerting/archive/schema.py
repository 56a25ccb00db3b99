"""The tables of the archive, for SQLite and PostgreSQL alike."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    func,
    select,
)

from alerting.store.engine import WRITES
from alerting.store.metadata import Text

_SCHEMA_LOCK = 0x41_52_43_48  # "ARCH": a key for PostgreSQL's advisory locks

ARCHIVE_METADATA = MetaData()

_WORDS = ("action", "department", "role", "outcome", "purpose", "resource", "source")

ACCESSES = Table(
    "accesses",
    ARCHIVE_METADATA,
    # The patient comes first: rows of one patient lie together, which is how they are asked for.
    Column("patient", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("actor_type", Text, nullable=False),
    Column("at", Float, nullable=False),
    *(Column(name, Text, nullable=False) for name in _WORDS),
    Column("disclosed", Boolean, nullable=False),
    Column("explained", Boolean),
    Index("accesses_by_time", "at"),
    Index("accesses_by_actor", "actor", "at"),
)

MERGES = Table(
    "merges",
    ARCHIVE_METADATA,
    Column("patient", Text, primary_key=True),
    Column("into", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("merges_by_target", "into"),
)

GAPS = Table(
    "gaps",
    ARCHIVE_METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("first_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("records", BigInteger, nullable=False),
    Column("seen_at", Float, nullable=False),
)

DELETIONS = Table(
    "deletions",
    ARCHIVE_METADATA,
    Column("before", Float, primary_key=True),  # accesses from before this time were deleted
    Column("done_at", Float, nullable=False),
    Column("rows", BigInteger, nullable=False),
)


def create_archive(engine: Engine) -> None:
    """Create the tables that do not exist yet; several processes may do so at once."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            ARCHIVE_METADATA.create_all(connection)
