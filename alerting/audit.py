"""Entries of an audit log: who did what to which subject, why and with which outcome, each chained to the one before.

Changing, removing or inserting an entry breaks the chain; cutting off its end does not, which is what a copy of the
last hash kept elsewhere is for.
"""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct, structs


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One entry. `seq` counts from 1, `at` is in seconds since the epoch; `subject` is a token or an id, no name."""

    seq: int
    at: float
    actor: str
    action: str
    subject: str
    purpose: str
    incident: str
    outcome: str
    prev_hash: str
    hash: str

    def __repr__(self) -> str:
        return f"<AuditEntry {self.seq} {self.action} {self.outcome}>"


def following(
    last: AuditEntry | None,
    *,
    at: float,
    actor: str,
    action: str,
    outcome: str,
    subject: str = "",
    purpose: str = "",
    incident: str = "",
) -> AuditEntry:
    """Return the entry that comes after the last one."""
    ground = AuditEntry(
        seq=last.seq + 1 if last else 1,
        at=float(at),
        actor=actor,
        action=action,
        subject=subject,
        purpose=purpose,
        incident=incident,
        outcome=outcome,
        prev_hash=last.hash if last else "",
        hash="",
    )
    return structs.replace(ground, hash=_chained(ground))


def first_break(entries: Iterable[AuditEntry]) -> int | None:
    """Return the number of the first entry that does not continue the chain, None if all do."""
    expected, prev_hash = 1, ""
    for entry in entries:
        if entry.seq != expected or entry.prev_hash != prev_hash or entry.hash != _chained(entry):
            return expected
        expected, prev_hash = expected + 1, entry.hash
    return None


def _chained(entry: AuditEntry) -> str:
    hashed = [getattr(entry, name) for name in entry.__struct_fields__ if name != "hash"]
    return hashlib.sha256(msgspec.json.encode(hashed)).hexdigest()
