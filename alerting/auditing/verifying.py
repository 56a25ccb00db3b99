"""Verifying: every entry of the audit log and of every timeline, and every checkpoint, against what was signed."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct
from sqlalchemy import Connection, select

from alerting.audit import first_break as first_audit_break
from alerting.auditing.checkpoints import Checkpoint, digest_of, is_genuine
from alerting.auditing.deleted import wrongly_deleted
from alerting.auditing.rows import checkpoints, hash_of_entry, timeline_ends
from alerting.breach.verifying import broken_files
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG, INCIDENTS, TIMELINE
from alerting.store.timeline_rows import entry_of
from alerting.timeline import Entry, first_break


class Fault(Struct, frozen=True):
    """Something is not as it was written: where (`audit log`, an incident's id, `checkpoint`), which row, and what."""

    where: str
    row: int
    what: str


DIGESTS = 24
"""Of the checkpoints in the store, the latest so many have their digest of all timelines computed again, which reads
them all: a day of them. Signatures, and the audit entries that checkpoints name, are always looked at."""


def faults_in(
    connection: Connection,
    key: Ed25519PublicKey | None,
    kept_elsewhere: Sequence[Checkpoint] = (),
    *,
    now: float,
    digests: int | None = DIGESTS,
) -> list[Fault]:
    """Return everything that does not fit.

    Args:
        connection: to the store; one state of it is looked at.
        key: what checkpoints must be signed with; without one signatures are not looked at.
        kept_elsewhere: checkpoints from outside the database, which whoever changed it could not change.
        now: seconds since the epoch; nothing was deleted later.
        digests: how many of the latest checkpoints in the store have their digests computed again; None for all.
    """
    stored = checkpoints(connection)
    old = 0 if digests is None else max(0, len(stored) - digests)
    return [
        *_audit_faults(connection),
        *_timeline_faults(connection),
        *_breach_faults(connection),
        *_deletion_faults(connection, now),
        *_checkpoint_faults(connection, key, [*stored, *kept_elsewhere], old),
    ]


def _audit_faults(connection: Connection) -> Iterator[Fault]:
    broken = first_audit_break(audit_entries(connection, AUDIT_LOG))
    if broken is not None:
        yield Fault("audit log", broken, "this entry does not continue the chain: it, or one before, was changed")


def _timeline_faults(connection: Connection) -> Iterator[Fault]:
    ends = {
        row.id: row for row in connection.execute(select(INCIDENTS.c.id, INCIDENTS.c.revision, INCIDENTS.c.last_hash))
    }
    rows = connection.execute(select(TIMELINE).order_by(TIMELINE.c.incident_id, TIMELINE.c.seq))
    for incident_id, group in groupby(rows, key=lambda row: row.incident_id):
        entries: list[Entry] = []
        end = ends.pop(incident_id, None)
        try:
            entries = [entry_of(row) for row in group]
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield Fault(incident_id, 0, "an entry of its timeline cannot be read")
            continue
        broken = first_break(entries)
        if broken is not None:
            yield Fault(incident_id, broken, "this entry of its timeline was changed, removed or inserted")
        elif end is not None and (end.revision, end.last_hash) != (entries[-1].seq, entries[-1].hash):
            yield Fault(incident_id, entries[-1].seq, "its timeline does not end where the incident says")
    for incident_id in sorted(ends):
        yield Fault(incident_id, 0, "its timeline is gone")


def _breach_faults(connection: Connection) -> Iterator[Fault]:
    for incident_id, row in broken_files(connection):
        yield Fault(incident_id, row, "this record of its breach file was changed, removed or inserted")


def _deletion_faults(connection: Connection, now: float) -> Iterator[Fault]:
    for incident_id, row in wrongly_deleted(connection, now):
        yield Fault(incident_id, row, "it was deleted before its six years were over, or not by Wardwatch")


def _checkpoint_faults(
    connection: Connection, key: Ed25519PublicKey | None, known: Sequence[Checkpoint], old: int
) -> Iterator[Fault]:
    for number, checkpoint in enumerate(known, 1):
        if key is not None and not is_genuine(checkpoint, key):
            yield Fault("checkpoint", number, "its signature is not that of the key")
        if hash_of_entry(connection, checkpoint.seq) != checkpoint.hash:
            yield Fault("audit log", checkpoint.seq, "this entry is not the one that was signed, or is gone")
        if number <= old:
            continue
        covered = digest_of(timeline_ends(connection, checkpoint.covered_until))
        if covered != (checkpoint.incidents, checkpoint.timelines):
            yield Fault("checkpoint", number, "timelines from before it were cut off, removed or added")
