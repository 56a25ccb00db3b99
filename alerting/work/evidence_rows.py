"""The table of evidence."""

from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, insert, select

from alerting.vault.cipher import Sealed
from alerting.work.sealing import Content
from alerting.work.tables import EVIDENCE
from alerting.work.values import Evidence

_ABOUT = [EVIDENCE.c[name] for name in Evidence.__struct_fields__]
_NOTHING = Sealed(0, b"", b"")


def insert_evidence(connection: Connection, evidence: Evidence, content: Content | None) -> None:
    """Store a new piece of evidence."""
    sealed = content.sealed if content else _NOTHING
    connection.execute(insert(EVIDENCE).values(**structs.asdict(evidence), **structs.asdict(sealed)))


def find_evidence(connection: Connection, evidence_id: str) -> tuple[Evidence, Content | None] | None:
    """Return a piece of evidence with its content, None if there is none."""
    row = connection.execute(select(EVIDENCE).where(EVIDENCE.c.id == evidence_id)).one_or_none()
    if row is None:
        return None
    evidence = _evidence(row)
    if not row.key_id:
        return evidence, None
    sealed = Sealed(row.key_id, row.nonce, row.body)
    return evidence, Content(size=evidence.size, sha256=evidence.sha256, sealed=sealed)


def evidence_of(connection: Connection, incident_id: str) -> list[Evidence]:
    """Return the evidence of an incident, the oldest first."""
    query = select(*_ABOUT).where(EVIDENCE.c.incident_id == incident_id).order_by(EVIDENCE.c.at, EVIDENCE.c.id)
    return [_evidence(row) for row in connection.execute(query)]


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(**{name: row._mapping[name] for name in Evidence.__struct_fields__})
