"""A table of audit entries, in whichever database needs one; nothing here changes or removes a row."""

from collections.abc import Iterator

from msgspec import structs
from sqlalchemy import Column, Connection, Float, Integer, MetaData, Row, String, Table, func, insert, select

from alerting.audit import AuditEntry, following

_LOCK = 0x41_55_44_49  # "AUDI": a key for PostgreSQL's advisory locks


def audit_table(name: str, metadata: MetaData) -> Table:
    """Return a table of audit entries."""
    texts = ("actor", "action", "subject", "purpose", "incident", "outcome")
    return Table(
        name,
        metadata,
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("at", Float, nullable=False),
        *(Column(text, String, nullable=False) for text in texts),
        Column("prev_hash", String, nullable=False),
        Column("hash", String, nullable=False),
    )


def append_audit(
    connection: Connection,
    table: Table,
    *,
    at: float,
    actor: str,
    action: str,
    outcome: str,
    subject: str = "",
    purpose: str = "",
    incident: str = "",
) -> AuditEntry:
    """Append an entry to the chain, in a transaction that writes; others who append wait for its end."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = connection.execute(select(table).order_by(table.c.seq.desc()).limit(1)).first()
    entry = following(
        _entry(last) if last else None,
        at=at,
        actor=_stored(actor),
        action=action,
        subject=_stored(subject),
        purpose=_stored(purpose),
        incident=_stored(incident),
        outcome=outcome,
    )
    connection.execute(insert(table), structs.asdict(entry))
    return entry


def audit_entries(connection: Connection, table: Table) -> Iterator[AuditEntry]:
    """Yield all entries, from the first."""
    for row in connection.execute(select(table).order_by(table.c.seq)):
        yield _entry(row)


def _entry(row: Row) -> AuditEntry:  # type: ignore[type-arg]  # columns of any type
    return AuditEntry(**row._mapping)


def _stored(text: str) -> str:
    """Return a text as the database will give it back, for it is hashed."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
